#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace mhabench {

/// Throws InputError, one line without the file's name, if the JSON of a file is not that of a
/// results file, of this suite or of any program on Google Benchmark: an object with an object
/// "context" and an array of objects "benchmarks".
void check_results(const nlohmann::ordered_json& file);

/// A context with the keys of its objects joined by dots ("grid.dtype"); strings as they are, the
/// rest as JSON; lengths by the name of today.
std::map<std::string, std::string> context_texts(const nlohmann::ordered_json& context);

/// Microseconds in a row's `time_unit`. Throws InputError if it is none of ns, us, ms, s.
double us_per(const std::string& time_unit);

}  // namespace mhabench
