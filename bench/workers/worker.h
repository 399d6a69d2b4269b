#pragma once

#include <string>
#include <vector>

#include "bench/cli/options.h"
#include "bench/workers/child_process.h"
#include "mhabench/measure/phases.h"

namespace mhabench::bench {

/// The exit status with which a worker asks for another one in its place: its GPU serves it no
/// more, and the row that lost it is reported.
inline constexpr int kReplaceMe = 75;

/// Runs the rows that its channel hands it and reports them there; writes no file and nothing on
/// stdout. The exit status: 0 after Stop or where the other end is gone, or kReplaceMe. Throws
/// InputError for a command line at fault.
int run_as_worker(Options options, const std::vector<std::string>& arguments,
                  const WorkerPlace& place, PhaseTimes::Clock::time_point start);

}  // namespace mhabench::bench
