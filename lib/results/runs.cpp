#include "mhabench/results/runs.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "mhabench/clocks/statistics.h"

namespace mhabench {
namespace {

// The entries of one row in one file.
using Entries = std::vector<const FileRow*>;

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

// Runs of their own where there are some, else the one aggregate that stands for them.
Entries chosen(const Entries& entries) {
  Entries runs;
  std::ranges::copy_if(entries, std::back_inserter(runs),
                       [](const FileRow* entry) { return entry->aggregate.empty(); });
  if (!runs.empty()) return runs;
  for (const char* const aggregate : {"median", "mean"}) {
    for (const FileRow* entry : entries) {
      if (entry->aggregate == aggregate) return {entry};
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

  // One run of a row: what `entries` say of it together.
  void add(std::size_t run, const Entries& entries) {
    runs_.by_median |= entries.size() > 1;
    RunsRow& row = row_of(*entries.front());
    ++row.present;
    const auto any = [&](auto&& holds) { return std::ranges::any_of(entries, holds); };
    const auto has = [](RowStatus status) {
      return [status](const FileRow* entry) { return entry->status == status; };
    };
    const bool is_wrong_run = any([](const FileRow* entry) { return is_wrong(*entry); });
    row.wrong += is_wrong_run ? 1 : 0;
    const bool is_failed = any(has(RowStatus::failed));
    const bool is_skipped = !is_failed && any(has(RowStatus::skipped));
    row.failed += is_failed ? 1 : 0;
    row.skipped += is_skipped ? 1 : 0;
    for (const FileRow* entry : entries) {
      if (row.message.empty()) row.message = entry->message;
      if (!row.tokens) row.tokens = entry->number("tokens");
      if (!row.sum_len_sq) row.sum_len_sq = entry->number("sum_len_sq");
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

// A file's entries by row, in the order of their first appearance.
std::vector<Entries> entries_of(const BenchmarkFile& file) {
  std::vector<Entries> rows;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const FileRow& entry : file.rows) {
    const auto [found, is_new] = index.try_emplace(entry.name, rows.size());
    if (is_new) rows.emplace_back();
    rows[found->second].push_back(&entry);
  }
  for (Entries& entries : rows) entries = chosen(entries);
  std::erase_if(rows, [](const Entries& entries) { return entries.empty(); });
  return rows;
}

Runs repetitions_of(const BenchmarkFile& file) {
  const std::vector<Entries> rows = entries_of(file);
  std::size_t count = 1;
  for (const Entries& entries : rows) count = std::max(count, entries.size());
  Builder builder(count, count > 1);
  for (const Entries& entries : rows) {
    for (std::size_t run = 0; run < entries.size(); ++run) builder.add(run, {entries[run]});
  }
  return builder.take();
}

Runs runs_over(const std::vector<BenchmarkFile>& files) {
  Builder builder(files.size(), false);
  for (std::size_t run = 0; run < files.size(); ++run) {
    for (const Entries& entries : entries_of(files[run])) builder.add(run, entries);
  }
  return builder.take();
}

}  // namespace

std::string_view name_of(Clock clock) { return clock == Clock::busy ? "busy" : "event"; }

Runs runs_of(const std::vector<BenchmarkFile>& files, OneFile one_file) {
  const bool by_repetition = files.size() == 1 && one_file == OneFile::repetitions;
  Runs runs = by_repetition ? repetitions_of(files.front()) : runs_over(files);
  for (const BenchmarkFile& file : files) runs.files.push_back(file.name);
  return runs;
}

}  // namespace mhabench
