#include "bench/run/reporter.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
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

// Strict readers reject NaN, which some versions give as the cv of a counter that is always zero.
Run finite(Run run) {
  for (auto counter = run.counters.begin(); counter != run.counters.end();) {
    counter =
        std::isfinite(counter->second.value) ? std::next(counter) : run.counters.erase(counter);
  }
  return run;
}

// The library's CSV (1.7) takes a coefficient of variation for a time: it is given one whose scale
// is 1, and no unit, as a fit's error has none.
Run share_as_it_is(Run run) {
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

// A row whose rounds ran in another row's body spent the CPU's time there.
void correct_cpu_time(const Row& row, Run& run) {
  constexpr double kSecondsPerMicrosecond = 1e-6;
  if (is_aggregate(run) || row.event_rounds_us.empty() || !row.cpu_us) return;
  run.cpu_accumulated_time = *row.cpu_us * static_cast<double>(row.calls) * kSecondsPerMicrosecond;
}

// The library reports the repetitions of a row in one call and, where two or more of them have a
// time, their aggregates in the next.
bool aggregates_follow(const std::vector<Run>& runs) {
  return std::count_if(runs.begin(), runs.end(), [](const Run& run) {
           return !is_aggregate(run) && !without_time(run);
         }) >= 2;
}

// A repetition that its row's statistics stand for; none stand for one that failed.
bool is_summed_up(const Run& run, bool have_aggregates) {
  return have_aggregates && !is_aggregate(run) && !without_time(run);
}

bool is_shown(const BenchmarkOptions& options, const Run& run, bool have_aggregates) {
  const bool aggregates_alone = options.report_aggregates_only || options.display_aggregates_only;
  return !(aggregates_alone && is_summed_up(run, have_aggregates));
}

// The indices that put `keys` in order, equal ones as they stand.
std::vector<std::size_t> sorted_by(const std::vector<std::size_t>& keys) {
  std::vector<std::size_t> indices(keys.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  std::stable_sort(indices.begin(), indices.end(),
                   [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  return indices;
}

template <typename T>
void reorder(std::vector<T>& values, const std::vector<std::size_t>& keys) {
  std::vector<T> sorted;
  sorted.reserve(values.size());
  for (const std::size_t index : sorted_by(keys)) sorted.push_back(std::move(values[index]));
  values = std::move(sorted);
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
  const bool have_aggregates = aggregates_follow(runs);
  std::vector<Run> shown;
  for (const Run& report : runs) {
    const std::optional<std::size_t> row = row_of(report);
    KeptRun kept{finite(report), {}, position_of(report.run_name.function_name)};
    if (row) correct_cpu_time(rows_[*row], kept.run);
    kept.json = json_of(kept.run, row);
    reports_.push_back(kept.json);
    if (is_shown(options_, report, have_aggregates)) shown.push_back(kept.run);
    if (!leaves_out(report, have_aggregates)) kept_.push_back(std::move(kept));
  }
  show(shown);
  if (!have_aggregates && !runs.empty()) finish(runs.front().run_name.function_name);
}

void RunReporter::show(const std::vector<Run>& runs) {
  if (!console_) return;
  progress_.clear();
  console_->ReportRuns(runs);
}

// No aggregate tells of a repetition that failed.
bool RunReporter::leaves_out(const Run& run, bool have_aggregates) const {
  return options_.report_aggregates_only && is_summed_up(run, have_aggregates);
}

void RunReporter::finish(const std::string& name) {
  const FinishedRow finished{name, std::exchange(reports_, {})};
  if (order_.finished) order_.finished(finished);
}

void RunReporter::keep(const FinishedRow& finished, std::vector<Row> rows) {
  std::vector<KeptRun> runs;
  for (const std::string& report : finished.reports) {
    runs.push_back({run_of_json(Json::parse(report)), report, position_of(finished.name)});
  }
  const bool have_aggregates = std::any_of(
      runs.begin(), runs.end(), [](const KeptRun& kept) { return is_aggregate(kept.run); });
  for (KeptRun& kept : runs) {
    if (!leaves_out(kept.run, have_aggregates)) kept_.push_back(std::move(kept));
  }
  for (Row& row : rows) add_row(std::move(row), finished.name);
}

void RunReporter::receive(const FinishedRow& finished, std::vector<Row> rows) {
  const std::size_t before = kept_.size();
  keep(finished, std::move(rows));
  std::vector<Run> runs;
  for (std::size_t i = before; i < kept_.size(); ++i) runs.push_back(kept_[i].run);
  const bool have_aggregates = std::ranges::any_of(runs, is_aggregate);
  std::erase_if(runs, [&](const Run& run) { return !is_shown(options_, run, have_aggregates); });
  show(runs);
}

void RunReporter::put_in_order() {
  std::vector<std::size_t> positions;
  for (const KeptRun& kept : kept_) positions.push_back(kept.position);
  reorder(kept_, positions);
  reorder(rows_, row_positions_);
}

std::size_t RunReporter::position_of(const std::string& name) const {
  const auto found = order_.positions.find(name);
  return found == order_.positions.end() ? order_.positions.size() : found->second;
}

void RunReporter::add_row(Row row, const std::string& name) {
  rows_.push_back(std::move(row));
  row_positions_.push_back(position_of(name));
}

// An aggregate's row is the last of its repetitions.
std::optional<std::size_t> RunReporter::row_of(const Run& run) {
  const std::string& name = run.run_name.function_name;
  if (!is_aggregate(run)) {
    progress_.end_row();
    const std::int64_t calls = without_time(run) ? 0 : static_cast<std::int64_t>(run.iterations);
    auto row = store_.take(name, calls, run.real_accumulated_time);
    if (!row) return std::nullopt;
    add_row(std::move(*row), name);
    last_rows_[name] = rows_.size() - 1;
  }
  const auto last = last_rows_.find(name);
  return last == last_rows_.end() ? std::nullopt : std::optional(last->second);
}

void RunReporter::add_context(const std::string& key, Json value) {
  run_context_[key] = std::move(value);
}

void RunReporter::add_list(const std::string& key, Json list) { lists_[key] = std::move(list); }

// Rows that an earlier process finished are not registered again: the library counts without them.
std::string RunReporter::json_of(const Run& run, const std::optional<std::size_t>& row) const {
  Json json = library_json(run);
  const auto position = order_.positions.find(run.run_name.function_name);
  if (position != order_.positions.end()) json["family_index"] = position->second;
  if (row) mhabench::add_row(rows_[*row], is_aggregate(run), json);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void RunReporter::Finalize() {
  progress_.clear();
  if (console_) console_->Finalize();
}

std::string RunReporter::text(Format format) const {
  if (format == Format::json) return json_text();
  if (format == Format::console) {
    benchmark::ConsoleReporter reporter(options_.counters_tabular
                                            ? benchmark::ConsoleReporter::OO_Tabular
                                            : benchmark::ConsoleReporter::OO_None);
    return replay(reporter, kept_runs());
  }
// Deprecated for years and still the library's CSV.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  benchmark::CSVReporter reporter;
#pragma GCC diagnostic pop
  std::vector<Run> runs = kept_runs();
  std::ranges::transform(runs, runs.begin(), share_as_it_is);
  return replay(reporter, runs);
}

std::string RunReporter::json_text() const {
  Json document;
  document["context"] = context_ ? library_context(*context_) : Json::object();
  document["context"].update(run_context_);
  document["benchmarks"] = Json::array();
  for (const KeptRun& kept : kept_) document["benchmarks"].push_back(Json::parse(kept.json));
  document.update(lists_);
  gather_canaries(document);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::vector<Run> RunReporter::kept_runs() const {
  std::vector<Run> runs;
  for (const KeptRun& kept : kept_) runs.push_back(kept.run);
  return runs;
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
