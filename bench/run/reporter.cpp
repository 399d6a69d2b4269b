#include "bench/run/reporter.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "bench/run/report_json.h"
#include "mhabench/measure/canaries.h"
#include "mhabench/results/row_json.h"

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;
using Run = benchmark::BenchmarkReporter::Run;

// The library's CSV (1.7) takes a coefficient of variation for a time: it is given one whose scale
// is 1, and no unit, as a fit's error has none.
Run ratio_as_it_is(Run run) {
  if (!is_aggregate(run) || run.aggregate_unit != benchmark::StatisticUnit::kPercentage) return run;
  run.time_unit = benchmark::kSecond;
  run.iterations = 1;
  run.report_rms = true;
  return run;
}

benchmark::ConsoleReporter::OutputOptions console_options(const BenchmarkOptions& options) {
  using Reporter = benchmark::ConsoleReporter;
  const bool color = options.color == Color::always ||
                     (options.color == Color::automatic && isatty(STDOUT_FILENO) != 0);
  const int bits = (color ? Reporter::OO_Color : Reporter::OO_None) |
                   (options.counters_tabular ? Reporter::OO_Tabular : Reporter::OO_None);
  return static_cast<Reporter::OutputOptions>(bits);
}

bool has_time(const Json& entry) { return !entry.value("error_occurred", false); }

bool is_repetition(const Json& entry) { return entry.at("run_type") == "iteration"; }

// A repetition that its row's statistics stand for; none stand for one that failed.
bool is_summed_up(const Json& entry, bool have_aggregates) {
  return have_aggregates && is_repetition(entry) && has_time(entry);
}

// The library reports the repetitions of a row in one call and, if two or more of them have a
// time, their aggregates in the next.
bool aggregates_follow(const std::vector<Run>& runs) {
  return std::ranges::count_if(
             runs, [](const Run& run) { return !is_aggregate(run) && !without_time(run); }) >= 2;
}

bool holds_aggregates(const KeptRow& row) {
  return !std::ranges::all_of(row.finished.reports, is_repetition);
}

std::vector<Run> runs_of(const std::vector<Json>& entries) {
  std::vector<Run> runs;
  for (const Json& entry : entries) runs.push_back(run_of_json(entry));
  return runs;
}

}  // namespace

RunReporter::RunReporter(const BenchmarkOptions& options, Json run_context, RowStore& store,
                         Progress& progress, RunOrder order)
    : options_(options),
      run_context_(std::move(run_context)),
      store_(store),
      progress_(progress),
      order_(std::move(order)) {
  const bool shows_rows =
      options.format ? *options.format == Format::console : options.counters_tabular;
  if (shows_rows) console_.emplace(console_options(options));
}

bool RunReporter::ReportContext(const Context& context) {
  context_.emplace(context);
  if (console_) {
    console_->SetOutputStream(&GetOutputStream());
    console_->SetErrorStream(&GetErrorStream());
    console_->ReportContext(context);
  }
  return true;
}

void RunReporter::ReportRuns(const std::vector<Run>& runs) {
  if (runs.empty()) return;
  const bool are_aggregates = is_aggregate(runs.front());
  if (!are_aggregates) {
    const std::string& name = runs.front().run_name.function_name;
    kept_.push_back({{name, {}}, store_.take(name, runs.size())});
  }
  KeptRow& kept = kept_.back();
  std::vector<Json> entries;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!are_aggregates) progress_.end_row();
    // An aggregate's row is the last of its repetitions.
    const std::size_t index = are_aggregates ? kept.rows.size() - 1 : i;
    entries.push_back(entry_of(runs[i], index < kept.rows.size() ? &kept.rows[index] : nullptr));
  }
  std::ranges::copy(entries, std::back_inserter(kept.finished.reports));
  show(entries, aggregates_follow(runs));
  if (!aggregates_follow(runs) && order_.finished) order_.finished(kept.finished);
}

Json RunReporter::entry_of(const Run& run, const Row* row) const {
  Json entry = json_of(run);
  // Rows that an earlier process finished are not registered again: the library counts without
  // them.
  const auto position = order_.positions.find(run.run_name.function_name);
  if (position != order_.positions.end()) entry["family_index"] = position->second;
  if (row == nullptr) return entry;
  const bool aggregate = is_aggregate(run);
  // A row whose rounds ran in another row's body spent the CPU's time there.
  if (!aggregate && !row->event_rounds_us.empty() && row->cpu_us) {
    constexpr double kSecondsPerMicrosecond = 1e-6;
    entry["cpu_time"] =
        *row->cpu_us * kSecondsPerMicrosecond * benchmark::GetTimeUnitMultiplier(run.time_unit);
  }
  add_row(*row, aggregate, entry);
  return entry;
}

// If only aggregates are asked for, failed repetitions are still shown: no aggregate holds them.
void RunReporter::show(const std::vector<Json>& entries, bool have_aggregates) {
  if (!console_) return;
  const bool only_aggregates = options_.report_aggregates_only || options_.display_aggregates_only;
  std::vector<Json> shown;
  std::ranges::copy_if(entries, std::back_inserter(shown), [&](const Json& entry) {
    return !(only_aggregates && is_summed_up(entry, have_aggregates));
  });
  progress_.clear();
  console_->ReportRuns(runs_of(shown));
}

void RunReporter::keep(KeptRow row) { kept_.push_back(std::move(row)); }

void RunReporter::receive(KeptRow row) {
  keep(std::move(row));
  show(kept_.back().finished.reports, holds_aggregates(kept_.back()));
}

void RunReporter::put_in_order() {
  std::ranges::stable_sort(kept_, {},
                           [this](const KeptRow& row) { return position_of(row.finished.name); });
}

std::size_t RunReporter::position_of(const std::string& name) const {
  const auto found = order_.positions.find(name);
  return found == order_.positions.end() ? order_.positions.size() : found->second;
}

std::vector<Row> RunReporter::rows() const {
  std::vector<Row> rows;
  for (const KeptRow& kept : kept_) std::ranges::copy(kept.rows, std::back_inserter(rows));
  return rows;
}

void RunReporter::add_context(const std::string& key, Json value) {
  run_context_[key] = std::move(value);
}

void RunReporter::add_list(const std::string& key, Json list) { lists_[key] = std::move(list); }

void RunReporter::Finalize() {
  progress_.clear();
  if (console_) console_->Finalize();
}

std::string RunReporter::text(Format format) const {
  if (format == Format::json) return json_text();
  if (format == Format::csv) return csv_text();
  benchmark::ConsoleReporter reporter(options_.counters_tabular
                                          ? benchmark::ConsoleReporter::OO_Tabular
                                          : benchmark::ConsoleReporter::OO_None);
  return replay(reporter, runs_of(saved_entries()));
}

std::string RunReporter::csv_text() const {
// Deprecated for years and still the library's CSV.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  benchmark::CSVReporter reporter;
#pragma GCC diagnostic pop
  std::vector<Run> runs = runs_of(saved_entries());
  std::ranges::transform(runs, runs.begin(), ratio_as_it_is);
  return replay(reporter, runs);
}

std::string RunReporter::json_text() const {
  Json document;
  document["context"] = context_ ? library_context(*context_) : Json::object();
  document["context"].update(run_context_);
  document["benchmarks"] = saved_entries();
  document.update(lists_);
  gather_canaries(document);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::vector<Json> RunReporter::saved_entries() const {
  std::vector<Json> saved;
  for (const KeptRow& kept : kept_) {
    const bool summed_up = options_.report_aggregates_only && holds_aggregates(kept);
    for (const Json& entry : kept.finished.reports) {
      if (!is_summed_up(entry, summed_up)) saved.push_back(entry);
    }
  }
  return saved;
}

// All reports in one go: the library's CSV takes its columns from the first call.
std::string RunReporter::replay(benchmark::BenchmarkReporter& reporter,
                                const std::vector<Run>& runs) const {
  std::ostringstream text;
  std::ostringstream context;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&context);
  if (context_) reporter.ReportContext(*context_);
  reporter.ReportRuns(runs);
  reporter.Finalize();
  return text.str();
}

}  // namespace mhabench::bench
