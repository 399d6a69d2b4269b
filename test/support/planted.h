#pragma once

#include <string>
#include <vector>

#include "mhabench/paths/path.h"

namespace mhabench::test {

/// The path under its own name, its calls followed by more work on the device: `share` (above 0) of
/// what a call takes there. A slowdown whose size is known.
///
/// On the CPU each call is followed by a spin of that share of its own time. On a GPU it is
/// followed by one kernel that does nothing for a while: while the call is made ready its busy time
/// is traced, and the kernel's length set by traces of the kernel alone until it is that share
/// within a thousandth of the call. No kernel is shorter than a microsecond or so: what came out is
/// written to the file that MHABENCH_PLANTED_LOG names, if any, as a line
/// {"row": ..., "busy_us": ..., "planted_us": ...}. Throws std::runtime_error where nothing can be
/// traced.
Path slowed(const Path& path, double share);

/// The variable that says which path of mha_bench_faults is slowed, "<path>:<share>".
inline constexpr const char* kPlanted = "MHABENCH_PLANTED";

/// Puts slowed(path, share) in the place of the path that such a text names. Throws InputError for
/// other text.
void plant(std::vector<Path>& table, const std::string& text);

}  // namespace mhabench::test
