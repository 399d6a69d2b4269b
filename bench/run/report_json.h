#pragma once

#include <string>

#include <benchmark/benchmark.h>
#include <nlohmann/json_fwd.hpp>

namespace mhabench::bench {

/// Whether a report has no time: a failed or skipped row.
bool without_time(const benchmark::BenchmarkReporter::Run& run);

/// Makes it the report of a failure. The library's versions keep the message in different fields.
void set_error(benchmark::BenchmarkReporter::Run& run, const std::string& message);

bool is_aggregate(const benchmark::BenchmarkReporter::Run& run);

/// The unit named "ns", "us", "ms" or "s"; microseconds for "", the rows' own.
benchmark::TimeUnit time_unit_of(const std::string& name);

/// A report as the library's JSON has it: the same keys, order and numbers. Counters that are not
/// finite, which no JSON may hold, are left out.
nlohmann::ordered_json json_of(const benchmark::BenchmarkReporter::Run& run);

/// The report behind such an object, near enough to print it in each of the library's formats.
/// Numbers that are none of the library's are counters. Throws nlohmann's exceptions for an object
/// that is no report's.
benchmark::BenchmarkReporter::Run run_of_json(nlohmann::ordered_json json);

/// The library's context of the machine, without its rows.
nlohmann::ordered_json library_context(const benchmark::BenchmarkReporter::Context& context);

}  // namespace mhabench::bench
