#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "mhabench/results/row.h"

namespace mhabench {

/// Microseconds in a time_unit of Google Benchmark's: "ns", "us", "ms" or "s"; nothing for others.
std::optional<double> us_per(std::string_view time_unit);

/// Adds to Google Benchmark's JSON object of a report what it does not have of the row: strings
/// and, for a row without a time, whose counters the library drops, the numbers that are known and
/// the reason it was skipped for; and the `canary` before it, which row_of_report passes over. Of
/// an aggregate, whose numbers are its own, the strings alone.
void add_row(const Row& row, bool aggregate, nlohmann::ordered_json& report);

/// {"us": ..., "seconds": ..., "sm_mhz": ...}; what is unknown is absent.
nlohmann::ordered_json canary_json(const CanaryReading& reading);

/// The row behind the object of one repetition, as add_row and the library's counters left it; path
/// and configuration are those of its name, in which a replayed batch's lengths do not stand. Keys
/// that are no fields are passed over. Doubles come back to the last bit, but for the time, which
/// the file has in the row's unit. Throws InputError that names the row and the field at fault.
Row row_of_report(const nlohmann::ordered_json& report);

}  // namespace mhabench
