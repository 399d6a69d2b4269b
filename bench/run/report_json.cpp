#include "bench/run/report_json.h"

#include <cmath>
#include <cstdint>
#include <sstream>
#include <utility>

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
auto& message_of(AnyRun& run) {
  if constexpr (kHasSkipped) {
    return run.skip_message;
  } else {
    return run.error_message;
  }
}

template <typename AnyRun>
void mark_failed(AnyRun& run) {
  if constexpr (kHasSkipped) {
    constexpr int kSkippedWithError = 2;
    run.skipped = static_cast<decltype(run.skipped)>(kSkippedWithError);
  } else {
    run.error_occurred = true;
  }
}

// A coefficient of variation: the figure itself, in no unit.
bool is_ratio(const Run& run) {
  return is_aggregate(run) && run.aggregate_unit == benchmark::StatisticUnit::kPercentage;
}

// What is taken is not met again among the counters.
template <typename T>
T take(Json& json, const char* key) {
  T value = json.at(key).get<T>();
  json.erase(key);
  return value;
}

std::int64_t take_count(Json& json, const char* key, std::int64_t otherwise) {
  return json.contains(key) ? take<std::int64_t>(json, key) : otherwise;
}

void take_times(Json& json, Run& run) {
  run.iterations = take<benchmark::IterationCount>(json, "iterations");
  run.time_unit = time_unit_of(take<std::string>(json, "time_unit"));
  run.real_accumulated_time = take<double>(json, "real_time");
  run.cpu_accumulated_time = take<double>(json, "cpu_time");
  if (is_ratio(run)) return;
  const double scale = static_cast<double>(run.iterations == 0 ? 1 : run.iterations) /
                       benchmark::GetTimeUnitMultiplier(run.time_unit);
  run.real_accumulated_time *= scale;
  run.cpu_accumulated_time *= scale;
}

}  // namespace

bool without_time(const Run& run) { return has_no_time(run); }

void set_error(Run& run, const std::string& message) {
  mark_failed(run);
  message_of(run) = message;
}

bool is_aggregate(const Run& run) { return run.run_type == Run::RT_Aggregate; }

benchmark::TimeUnit time_unit_of(const std::string& name) {
  for (const auto unit : {benchmark::kNanosecond, benchmark::kMillisecond, benchmark::kSecond}) {
    if (name == benchmark::GetTimeUnitString(unit)) return unit;
  }
  return benchmark::kMicrosecond;
}

Json json_of(const Run& run) {
  Json json{{"name", run.benchmark_name()},
            {"family_index", run.family_index},
            {"per_family_instance_index", run.per_family_instance_index},
            {"run_name", run.run_name.str()},
            {"run_type", is_aggregate(run) ? "aggregate" : "iteration"},
            {"repetitions", run.repetitions}};
  if (!is_aggregate(run)) json["repetition_index"] = run.repetition_index;
  json["threads"] = run.threads;
  if (is_aggregate(run)) {
    json["aggregate_name"] = run.aggregate_name;
    json["aggregate_unit"] = is_ratio(run) ? "percentage" : "time";
  }
  if (without_time(run)) {
    json["error_occurred"] = true;
    json["error_message"] = message_of(run);
  }
  json["iterations"] = run.iterations;
  json["real_time"] = is_ratio(run) ? run.real_accumulated_time : run.GetAdjustedRealTime();
  json["cpu_time"] = is_ratio(run) ? run.cpu_accumulated_time : run.GetAdjustedCPUTime();
  json["time_unit"] = benchmark::GetTimeUnitString(run.time_unit);
  for (const auto& [name, counter] : run.counters) {
    if (std::isfinite(counter.value)) json[name] = counter.value;
  }
  if (!run.report_label.empty()) json["label"] = run.report_label;
  return json;
}

Run run_of_json(Json json) {
  Run run;
  run.run_name.function_name = json.at("run_name").get<std::string>();
  run.run_type = json.at("run_type") == "aggregate" ? Run::RT_Aggregate : Run::RT_Iteration;
  run.aggregate_name = json.value("aggregate_name", "");
  if (json.value("aggregate_unit", "time") == "percentage") {
    run.aggregate_unit = benchmark::StatisticUnit::kPercentage;
  }
  run.family_index = take_count(json, "family_index", 0);
  run.per_family_instance_index = take_count(json, "per_family_instance_index", 0);
  run.repetitions = take_count(json, "repetitions", 1);
  run.repetition_index = take_count(json, "repetition_index", 0);
  run.threads = take_count(json, "threads", 1);
  run.report_label = json.value("label", "");
  if (json.contains("real_time")) take_times(json, run);
  if (json.value("error_occurred", false)) {
    set_error(run, json.value("error_message", ""));
    return run;
  }
  for (const auto& [key, value] : json.items()) {
    if (value.is_number()) run.counters[key] = benchmark::Counter(value.get<double>());
  }
  return run;
}

// Only the library knows all of it; it may hold bytes that no JSON string may.
Json library_context(const benchmark::BenchmarkReporter::Context& context) {
  std::ostringstream text;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&text);
  reporter.ReportContext(context);
  reporter.Finalize();
  const std::string valid = Json(text.str()).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(Json::parse(valid).get<std::string>()).at("context");
}

}  // namespace mhabench::bench
