#pragma once

#include <string>
#include <string_view>

#include "mhabench/clocks/kernel_records.h"

namespace mhabench {

/// A row's trace as one line of JSON with its line feed: {"name": ..., "calls": [[{"name", "kind",
/// "start_us", "duration_us", "stream"}, ...], ...]}. Names of kernels are demangled; each call's
/// times count from its own first start.
std::string kernel_line(std::string_view row_name, const std::vector<CallRecords>& calls);

}  // namespace mhabench
