#pragma once

#include <string>

#include <benchmark/benchmark.h>

#include "mhabench/config/names.h"
#include "mhabench/results/row.h"

/// Reports of Google Benchmark as its runner makes them, without a runner.
namespace mhabench::test {

using Report = benchmark::BenchmarkReporter::Run;

/// Version 1.8 put an enumeration in the place of a flag.
template <typename AnyReport>
void set_failed(AnyReport& report, const std::string& message) {
  if constexpr (requires { report.skip_message; }) {
    report.skip_message = message;
    report.skipped = static_cast<decltype(report.skipped)>(2);  // SkippedWithError
  } else {
    report.error_occurred = true;
    report.error_message = message;
  }
}

template <typename AnyReport>
bool has_failed(const AnyReport& report) {
  if constexpr (requires { report.skipped; }) {
    return static_cast<int>(report.skipped) != 0;
  } else {
    return report.error_occurred;
  }
}

template <typename AnyReport>
std::string failure_of(const AnyReport& report) {
  if constexpr (requires { report.skip_message; }) {
    return report.skip_message;
  } else {
    return report.error_message;
  }
}

/// The report of one repetition of a row.
inline Report report_of(const Row& row) {
  Report report;
  report.run_name.function_name = row_name(row.path, row.config);
  report.run_name.time_type = "manual_time";
  report.family_index = 0;
  report.per_family_instance_index = 0;
  report.run_type = Report::RT_Iteration;
  report.repetitions = 1;
  report.repetition_index = 0;
  report.threads = 1;
  report.time_unit = benchmark::kMicrosecond;
  if (row.status != RowStatus::measured) {
    report.iterations = 1;
    set_failed(report, row.message);
    return report;
  }
  report.iterations = row.calls;
  report.real_accumulated_time = *row.real_time_us * static_cast<double>(row.calls) * 1e-6;
  report.cpu_accumulated_time = report.real_accumulated_time / 2;
  for (const auto& [name, value] : numbers_of(row)) {
    report.counters[name] = benchmark::Counter(value);
  }
  return report;
}

/// The report of an aggregate over repetitions of a row, with that row's numbers for its own.
inline Report aggregate_of(const Row& row, const std::string& name) {
  Report report = report_of(row);
  report.run_type = Report::RT_Aggregate;
  report.aggregate_name = name;
  report.repetitions = 2;
  report.iterations = 2;
  return report;
}

}  // namespace mhabench::test
