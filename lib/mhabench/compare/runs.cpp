#include "mhabench/compare/runs.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/grouped.h"
#include "mhabench/base/statistics.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

using Entries = std::vector<const FileRow*>;

// What one file says of a row: everything, and what its time is taken from.
struct Told {
  Entries all;
  Entries timed;
};

std::optional<double> logarithm(const std::optional<double>& us) {
  if (!us || !(*us > 0) || !std::isfinite(*us)) return std::nullopt;
  return std::log(*us);
}

std::optional<double> time_of(const FileRow& entry, const char* field) {
  return logarithm(field == nullptr ? entry.real_time_us : entry.number(field));
}

bool is_wrong(const FileRow& entry) {
  return entry.status == RowStatus::measured && entry.number("errors").value_or(0) > 0;
}

// The repetitions themselves if the file has them, else the aggregate that stands for their times.
// The median can miss one wrong output among several; the mean and the deviation show it.
Told chosen(const Entries& entries) {
  Entries runs;
  std::ranges::copy_if(entries, std::back_inserter(runs),
                       [](const FileRow* entry) { return entry->aggregate.empty(); });
  if (!runs.empty()) return {runs, runs};
  for (const char* const aggregate : {"median", "mean"}) {
    for (const FileRow* entry : entries) {
      if (entry->aggregate == aggregate) return {entries, {entry}};
    }
  }
  return {};
}

class Builder {
 public:
  Builder(std::size_t count, bool within_process) {
    runs_.count = count;
    runs_.within_process = within_process;
  }

  // One run of a row.
  void add(std::size_t run, const Told& told) {
    const Entries& entries = told.timed;
    runs_.by_median |= entries.size() > 1;
    RunsRow& row = row_of(*entries.front());
    ++row.present;
    const auto any = [&](auto&& holds) { return std::ranges::any_of(told.all, holds); };
    const auto has = [](RowStatus status) {
      return [status](const FileRow* entry) { return entry->status == status; };
    };
    const bool is_wrong_run = any([](const FileRow* entry) { return is_wrong(*entry); });
    row.wrong += is_wrong_run ? 1 : 0;
    const bool is_failed = any(has(RowStatus::failed));
    const bool is_skipped = !is_failed && any(has(RowStatus::skipped));
    row.failed += is_failed ? 1 : 0;
    row.skipped += is_skipped ? 1 : 0;
    for (const FileRow* entry : told.all) {
      if (row.message.empty()) row.message = entry->message;
    }
    if (is_wrong_run || is_failed || is_skipped) return;
    ++row.right;
    set(row.busy[run], entries, "busy_us");
    set(row.event_median[run], entries, "event_us_median");
    set(row.real_time[run], entries, nullptr);
  }

  Runs take() { return std::move(runs_); }

 private:
  RunsRow& row_of(const FileRow& entry) {
    const auto [found, is_new] = index_.try_emplace(entry.name, runs_.rows.size());
    if (is_new) {
      RunsRow row;
      row.name = entry.name;
      row.path = entry.path();
      row.busy.resize(runs_.count);
      row.event_median = row.real_time = row.busy;
      runs_.rows.push_back(std::move(row));
    }
    return runs_.rows[found->second];
  }

  static void set(std::optional<double>& time, const Entries& entries, const char* field) {
    std::vector<double> times;
    for (const FileRow* entry : entries) {
      if (const auto one = time_of(*entry, field)) times.push_back(*one);
    }
    if (!times.empty()) time = median(times);
  }

  Runs runs_;
  std::unordered_map<std::string, std::size_t> index_;
};

// By row, in the order of their first appearance. Throws InputError where there is none.
std::vector<Told> rows_of(const BenchmarkFile& file) {
  std::vector<Told> told;
  std::ranges::transform(grouped(file.rows, &FileRow::name), std::back_inserter(told), chosen);
  std::erase_if(told, [](const Told& row) { return row.timed.empty(); });
  if (!told.empty()) return told;
  throw InputError(one_line("'" + file.name +
                            "' holds no row that can be compared: it has aggregates alone, and "
                            "neither a median nor a mean among them"));
}

Runs repetitions_of(const BenchmarkFile& file) {
  const std::vector<Told> rows = rows_of(file);
  std::size_t count = 1;
  for (const Told& row : rows) count = std::max(count, row.timed.size());
  Builder builder(count, count > 1);
  for (const Told& row : rows) {
    const bool by_aggregate = !row.timed.front()->aggregate.empty();
    for (std::size_t run = 0; run < row.timed.size(); ++run) {
      const Entries one{row.timed[run]};
      builder.add(run, {by_aggregate ? row.all : one, one});
    }
  }
  return builder.take();
}

Runs runs_over(const std::vector<BenchmarkFile>& files) {
  Builder builder(files.size(), false);
  for (std::size_t run = 0; run < files.size(); ++run) {
    for (const Told& row : rows_of(files[run])) builder.add(run, row);
  }
  return builder.take();
}

}  // namespace

const Times& RunsRow::times(Clock clock, bool by_median) const {
  if (clock == Clock::busy) return busy;
  return by_median ? event_median : real_time;
}

std::string_view name_of(Clock clock) { return clock == Clock::busy ? "busy" : "event"; }

Runs runs_of(const std::vector<BenchmarkFile>& files, OneFile one_file) {
  const bool by_repetition = files.size() == 1 && one_file == OneFile::repetitions;
  Runs runs = by_repetition ? repetitions_of(files.front()) : runs_over(files);
  for (const BenchmarkFile& file : files) runs.files.push_back(file.name);
  return runs;
}

}  // namespace mhabench
