#include "bench/reporter.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "mhabench/results/row_json.h"

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;
using Run = benchmark::BenchmarkReporter::Run;

constexpr bool kHasSkipped =
    MHABENCH_BENCHMARK_VERSION_MAJOR > 1 || MHABENCH_BENCHMARK_VERSION_MINOR >= 8;

// 1.8.0 put an enumeration in the place of a flag; only the branch that the library has compiles.
template <typename AnyRun>
bool without_time(const AnyRun& run) {
  if constexpr (kHasSkipped) {
    return static_cast<int>(run.skipped) != 0;
  } else {
    return run.error_occurred;
  }
}

bool is_aggregate(const Run& run) { return run.run_type == Run::RT_Aggregate; }

// Strict readers reject NaN, which some versions give as the cv of a counter that is always zero.
Run finite(Run run) {
  for (auto counter = run.counters.begin(); counter != run.counters.end();) {
    counter =
        std::isfinite(counter->second.value) ? std::next(counter) : run.counters.erase(counter);
  }
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

// What came from outside, such as a name of a file, may hold bytes that no JSON string may.
std::string as_utf8(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
      .get<std::string>();
}

// The library's own words for a report, as a JSON object.
Json library_json(const Run& run) {
  std::ostringstream text;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&text);
  reporter.ReportRuns({run});
  return Json::parse(as_utf8(text.str()));
}

// The library's context of the machine, without its rows.
Json library_context(const benchmark::BenchmarkReporter::Context& context) {
  std::ostringstream text;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&text);
  reporter.ReportContext(context);
  reporter.Finalize();
  return Json::parse(as_utf8(text.str())).at("context");
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

}  // namespace

SuiteReporter::SuiteReporter(const BenchmarkOptions& options, Json suite_context, RowStore& store,
                             Progress& progress)
    : options_(options),
      suite_context_(std::move(suite_context)),
      store_(store),
      progress_(progress) {
  const bool shows_rows =
      options.format ? *options.format == Format::console : options.counters_tabular;
  if (shows_rows) console_.emplace(console_options(options));
}

bool SuiteReporter::ReportContext(const Context& context) {
  context_.emplace(context);
  if (console_) {
    console_->SetOutputStream(&GetOutputStream());
    console_->SetErrorStream(&GetErrorStream());
    console_->ReportContext(context);
  }
  return true;
}

void SuiteReporter::ReportRuns(const std::vector<Run>& runs) {
  const bool have_aggregates = aggregates_follow(runs);
  std::vector<Run> shown;
  for (const Run& report : runs) {
    KeptRun kept{finite(report), row_of(report)};
    if (kept.row) correct_cpu_time(rows_[*kept.row], kept.run);
    // No aggregate tells of a repetition that failed.
    const bool summed_up = have_aggregates && !is_aggregate(report) && !without_time(report);
    const bool left_out = summed_up && options_.report_aggregates_only;
    if (!left_out) kept_.push_back(kept);
    if (!left_out && !(summed_up && options_.display_aggregates_only)) shown.push_back(kept.run);
  }
  if (console_) {
    progress_.clear();
    console_->ReportRuns(shown);
  }
}

// An aggregate's row is the last of its repetitions.
std::optional<std::size_t> SuiteReporter::row_of(const Run& run) {
  const std::string& name = run.run_name.function_name;
  if (!is_aggregate(run)) {
    progress_.end_row();
    const std::int64_t calls = without_time(run) ? 0 : static_cast<std::int64_t>(run.iterations);
    auto row = store_.take(name, calls, run.real_accumulated_time);
    if (!row) return std::nullopt;
    rows_.push_back(std::move(*row));
    last_rows_[name] = rows_.size() - 1;
  }
  const auto last = last_rows_.find(name);
  return last == last_rows_.end() ? std::nullopt : std::optional(last->second);
}

void SuiteReporter::add_context(const std::string& key, Json value) {
  suite_context_[key] = std::move(value);
}

void SuiteReporter::add_list(const std::string& key, Json list) { lists_[key] = std::move(list); }

void SuiteReporter::Finalize() {
  progress_.clear();
  if (console_) console_->Finalize();
}

std::string SuiteReporter::text(Format format) const {
  if (format == Format::json) return json_text();
  if (format == Format::console) {
    benchmark::ConsoleReporter reporter(options_.counters_tabular
                                            ? benchmark::ConsoleReporter::OO_Tabular
                                            : benchmark::ConsoleReporter::OO_None);
    return replay(reporter);
  }
// Deprecated for years and still the library's CSV.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  benchmark::CSVReporter reporter;
#pragma GCC diagnostic pop
  return replay(reporter);
}

std::string SuiteReporter::json_text() const {
  Json document;
  document["context"] = context_ ? library_context(*context_) : Json::object();
  document["context"].update(suite_context_);
  document["benchmarks"] = Json::array();
  for (const KeptRun& kept : kept_) {
    Json benchmark = library_json(kept.run);
    if (kept.row) add_row(rows_[*kept.row], is_aggregate(kept.run), benchmark);
    document["benchmarks"].push_back(std::move(benchmark));
  }
  document.update(lists_);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

// All reports in one go: the library's CSV takes its columns from the first call.
std::string SuiteReporter::replay(benchmark::BenchmarkReporter& reporter) const {
  std::ostringstream text;
  std::ostringstream context;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&context);
  if (context_) reporter.ReportContext(*context_);
  std::vector<Run> runs;
  for (const KeptRun& kept : kept_) runs.push_back(kept.run);
  reporter.ReportRuns(runs);
  reporter.Finalize();
  return text.str();
}

}  // namespace mhabench::bench
