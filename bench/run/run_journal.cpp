#include "bench/run/run_journal.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include <boost/crc.hpp>

#include "bench/console/program.h"
#include "bench/console/tell.h"
#include "bench/run/registration.h"
#include "bench/run/report_json.h"
#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/base/output_file.h"
#include "mhabench/base/text.h"
#include "mhabench/results/context_keys.h"
#include "mhabench/results/row_json.h"

namespace mhabench::bench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool is_repetition(const Json& report) { return report.value("run_type", "") == "iteration"; }

// What the reporter will make of it: an object may hold anything.
void check_report(const Json& report, const std::string& row, const std::string& source) {
  try {
    static_cast<void>(run_of_json(report));
  } catch (const Json::exception& error) {
    throw InputError(one_line(source + ": row '" + row + "': " + error.what()));
  }
}

std::unordered_map<std::string, const PlannedRow*> by_name(const std::vector<PlannedRow>& plan) {
  std::unordered_map<std::string, const PlannedRow*> rows;
  for (const PlannedRow& row : plan) rows.emplace(row.name, &row);
  return rows;
}

// The entries of a results file by row, in the file's order. Throws if it is no such file.
std::vector<FinishedRow> rows_of_file(const Json& file) {
  std::vector<FinishedRow> rows;
  std::unordered_map<std::string, std::size_t> index;
  for (const Json& report : file.at("benchmarks")) {
    constexpr std::string_view kSuffix = "/manual_time";
    std::string name = report.at("run_name").get<std::string>();
    if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
    const auto [at, fresh] = index.try_emplace(name, rows.size());
    if (fresh) rows.push_back({name, {}});
    rows[at->second].reports.push_back(report);
  }
  return rows;
}

std::vector<KeptRow> kept_rows(const std::vector<FinishedRow>& rows,
                               const std::vector<PlannedRow>& plan, const std::string& source) {
  const auto planned = by_name(plan);
  std::vector<KeptRow> kept;
  for (const FinishedRow& row : rows) {
    const auto at = planned.find(row.name);
    kept.push_back(kept_row(row, at == planned.end() ? nullptr : &at->second->config, source));
  }
  return kept;
}

// Whether each row of the plan is there with all its repetitions; no name stands twice.
bool is_whole(const std::vector<KeptRow>& rows, const std::vector<PlannedRow>& plan,
              std::size_t repetitions) {
  const auto planned = by_name(plan);
  return rows.size() == plan.size() && std::ranges::all_of(rows, [&](const KeptRow& row) {
           return planned.contains(row.finished.name) && row.rows.size() == repetitions;
         });
}

}  // namespace

RunJournal::RunJournal(const Options& options, const std::vector<PlannedRow>& plan, Json context)
    : context_(std::move(context)) {
  const BenchmarkOptions& given = options.benchmark;
  if (given.out.empty()) return;
  const std::optional<fs::path> file = replaced_file(given.out);
  if (!file) {
    if (options.resume == Resume::no) return;
    throw InputError("--resume: '" + given.out + "' is no regular file, and has no journal");
  }
  if (given.random_interleaving) {
    throw InputError(
        "--benchmark_enable_random_interleaving and --benchmark_out exclude each other: shuffled "
        "rows could not be resumed (--benchmark_format=json writes them to stdout)");
  }
  journal_.emplace(Journal::path_of(*file));
  begin(options, plan);
}

void RunJournal::begin(const Options& options, const std::vector<PlannedRow>& plan) {
  const std::string& out = options.benchmark.out;
  JournalContent found = journal_->take_found();
  if (options.resume == Resume::no && !found.rows.empty()) {
    throw InputError("'" + out + "': its journal " + mhabench::quoted(journal_->path().string()) +
                     " holds " + counted(found.rows.size(), "row") +
                     " of a run that did not end (--resume goes on with it; to begin anew, remove "
                     "it)");
  }
  if (options.resume != Resume::no && !found.run.empty()) {
    return resume(options, plan, std::move(found));
  }
  if (options.resume != Resume::no && take_file(out, plan, repetitions_of(options.benchmark))) {
    return;
  }
  Json run = context_;
  run["rows"] = rows_summary(plan);
  journal_->start(run.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void RunJournal::resume(const Options& options, const std::vector<PlannedRow>& plan,
                        JournalContent found) {
  const std::string name = "journal " + mhabench::quoted(journal_->path().string());
  Json now = context_;
  now["rows"] = rows_summary(plan);
  const std::vector<std::string> differing = differences(Json::parse(found.run), now);
  if (!differing.empty()) {
    if (options.resume != Resume::force) {
      throw InputError(one_line(name + " is of another run: " + join(differing, "; ") +
                                " (--resume=force goes on with it all the same)"));
    }
    context_["resumed_by_force"] = differing;
    tell(name + " is of another run: " + join(differing, "; "));
  }
  keep(kept_rows(found.rows, plan, name));
  journalled_rows_ = found.rows.size();
  journal_->go_on();
  if (found.torn) tell(name + ": its last line is torn and left out");
  tell(counted(kept_.size(), "row") + " of " + std::to_string(plan.size()) + " kept from " +
       mhabench::quoted(journal_->path().string()) +
       (found.begun ? ", which ends in row " + *found.begun : std::string()));
}

// A file that is not this run's whole result is no reason to stop: it is replaced at the end.
bool RunJournal::take_file(const std::string& out, const std::vector<PlannedRow>& plan,
                           std::size_t repetitions) {
  try {
    const Json file = read_json(out);
    if (!differences(file.at("context"), context_).empty()) return false;
    std::vector<KeptRow> rows = kept_rows(rows_of_file(file), plan, '\'' + out + '\'');
    if (!is_whole(rows, plan, repetitions)) return false;
    keep(std::move(rows));
  } catch (const Json::exception&) {
    return false;
  } catch (const InputError&) {
    return false;
  }
  tell("'" + out + "' holds all " + counted(plan.size(), "row") + " of this run; nothing is run");
  file_stands_ = true;
  journal_.reset();
  return true;
}

void RunJournal::keep(std::vector<KeptRow> rows) {
  kept_ = std::move(rows);
  for (const KeptRow& row : kept_) names_.insert(row.finished.name);
}

void RunJournal::begin_row(const std::string& name) noexcept {
  if (!journal_ || failure_) return;
  try {
    journal_->begin_row(name);
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
}

void RunJournal::expect(const std::vector<PlannedRow>& rows, bool in_turns) {
  if (!in_turns) return;
  const std::vector<std::size_t> groups = configurations_of(rows);
  left_.assign(groups.empty() ? 0 : groups.back() + 1, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ++left_[groups[i]];
    group_of_.emplace(rows[i].name, groups[i]);
  }
}

void RunJournal::finish_row(const FinishedRow& row) {
  if (!journal_) return;
  waiting_.push_back(row);
  const auto group = group_of_.find(row.name);
  if (group != group_of_.end() && --left_[group->second] > 0) return;
  finish(std::exchange(waiting_, {}));
}

void RunJournal::finish(const std::vector<FinishedRow>& rows) {
  if (!journal_) return;
  try {
    if (failure_) throw std::runtime_error(*failure_);
    journal_->finish(rows);
    journalled_rows_ += rows.size();
  } catch (const std::runtime_error& error) {
    throw CutShort(one_line("at row " + rows.back().name + ": " + error.what()), kFailed);
  }
}

void RunJournal::settle() {
  if (!journal_) return;
  try {
    journal_->remove();
  } catch (const std::runtime_error& error) {
    tell(error.what());
  }
}

std::string RunJournal::how_to_go_on() {
  if (!journal_) return {};
  if (journalled_rows_ == 0) {
    settle();  // there is nothing to go on with
    return {};
  }
  return counted(journalled_rows_, "row") + " are kept in " +
         mhabench::quoted(journal_->path().string()) +
         "; the same command with --resume goes on with them";
}

Json rows_summary(const std::vector<PlannedRow>& plan) {
  boost::crc_32_type crc;
  for (const PlannedRow& row : plan) {
    crc.process_bytes(row.name.data(), row.name.size());
    const auto& lengths = row.config.lengths.replayed;
    crc.process_bytes(lengths.data(), lengths.size() * sizeof(lengths[0]));
  }
  return {{"count", plan.size()}, {"crc32", crc.checksum()}};
}

KeptRow kept_row(const FinishedRow& finished, const MhaConfig* config, const std::string& source) {
  KeptRow kept{finished, {}};
  for (const Json& report : finished.reports) {
    check_report(report, finished.name, source);
    if (!is_repetition(report)) continue;
    kept.rows.push_back(row_of_report(report));
    if (config != nullptr) kept.rows.back().config = *config;
  }
  if (!kept.rows.empty()) return kept;
  throw InputError(one_line(source + ": row '" + finished.name + "' has no repetition"));
}

}  // namespace mhabench::bench
