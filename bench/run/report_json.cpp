#include "bench/run/report_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;
using Run = benchmark::BenchmarkReporter::Run;

constexpr bool kHasSkipped =
    MHABENCH_BENCHMARK_VERSION_MAJOR > 1 || MHABENCH_BENCHMARK_VERSION_MINOR >= 8;

// 1.8.0 put an enumeration in the place of a flag; only the branch that the library has compiles.
template <typename AnyRun>
bool has_no_time(const AnyRun& run) {
  if constexpr (kHasSkipped) {
    return static_cast<int>(run.skipped) != 0;
  } else {
    return run.error_occurred;
  }
}

template <typename AnyRun>
void set_error(AnyRun& run, const std::string& message) {
  if constexpr (kHasSkipped) {
    constexpr int kSkippedWithError = 2;
    run.skipped = static_cast<decltype(run.skipped)>(kSkippedWithError);
    run.skip_message = message;
  } else {
    run.error_occurred = true;
    run.error_message = message;
  }
}

// What came from outside, such as a name of a file, may hold bytes that no JSON string may.
Json parse(const std::string& text) {
  return Json::parse(Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
                         .get<std::string>());
}

// Numbers of a report that are no counters.
bool is_the_librarys(std::string_view key) {
  constexpr std::array<std::string_view, 8> kKeys{"family_index", "per_family_instance_index",
                                                  "repetitions",  "repetition_index",
                                                  "threads",      "iterations",
                                                  "real_time",    "cpu_time"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

benchmark::TimeUnit unit_of(const std::string& name) {
  if (name == "ns") return benchmark::kNanosecond;
  if (name == "ms") return benchmark::kMillisecond;
  if (name == "s") return benchmark::kSecond;
  return benchmark::kMicrosecond;
}

void read_times(const Json& json, Run& run) {
  run.iterations = json.at("iterations").get<benchmark::IterationCount>();
  run.time_unit = unit_of(json.at("time_unit").get<std::string>());
  run.real_accumulated_time = json.at("real_time").get<double>();
  run.cpu_accumulated_time = json.at("cpu_time").get<double>();
  if (is_aggregate(run) && run.aggregate_unit == benchmark::StatisticUnit::kPercentage) return;
  const double scale = static_cast<double>(run.iterations == 0 ? 1 : run.iterations) /
                       benchmark::GetTimeUnitMultiplier(run.time_unit);
  run.real_accumulated_time *= scale;
  run.cpu_accumulated_time *= scale;
}

}  // namespace

bool without_time(const Run& run) { return has_no_time(run); }

bool is_aggregate(const Run& run) { return run.run_type == Run::RT_Aggregate; }

Json library_json(const Run& run) {
  std::ostringstream text;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&text);
  reporter.ReportRuns({run});
  return parse(text.str());
}

Json library_context(const benchmark::BenchmarkReporter::Context& context) {
  std::ostringstream text;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&text);
  reporter.ReportContext(context);
  reporter.Finalize();
  return parse(text.str()).at("context");
}

Run run_of_json(const Json& json) {
  Run run;
  run.run_name.function_name = json.at("run_name").get<std::string>();
  run.run_type = json.at("run_type") == "aggregate" ? Run::RT_Aggregate : Run::RT_Iteration;
  run.aggregate_name = json.value("aggregate_name", "");
  if (json.value("aggregate_unit", "time") == "percentage") {
    run.aggregate_unit = benchmark::StatisticUnit::kPercentage;
  }
  run.repetitions = json.value("repetitions", std::int64_t{1});
  run.repetition_index = json.value("repetition_index", std::int64_t{0});
  run.threads = json.value("threads", std::int64_t{1});
  run.report_label = json.value("label", "");
  if (json.contains("real_time")) read_times(json, run);
  if (json.value("error_occurred", false)) {
    set_error(run, json.value("error_message", ""));
    return run;
  }
  for (const auto& [key, value] : json.items()) {
    if (value.is_number() && !is_the_librarys(key)) {
      run.counters[key] = benchmark::Counter(value.get<double>());
    }
  }
  return run;
}

}  // namespace mhabench::bench
