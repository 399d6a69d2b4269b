#pragma once

#include <benchmark/benchmark.h>
#include <nlohmann/json_fwd.hpp>

namespace mhabench::bench {

/// Whether a report has no time: a failed or skipped row.
bool without_time(const benchmark::BenchmarkReporter::Run& run);

bool is_aggregate(const benchmark::BenchmarkReporter::Run& run);

/// The library's own words for a report, as a JSON object; bytes that no JSON may hold replaced.
nlohmann::ordered_json library_json(const benchmark::BenchmarkReporter::Run& run);

/// The library's context of the machine, without its rows.
nlohmann::ordered_json library_context(const benchmark::BenchmarkReporter::Context& context);

/// The report behind such an object, near enough to print it again in each of the library's
/// formats. Throws nlohmann's exceptions for an object that is no report's.
benchmark::BenchmarkReporter::Run run_of_json(const nlohmann::ordered_json& json);

}  // namespace mhabench::bench
