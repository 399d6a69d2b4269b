#pragma once

#include <string>
#include <vector>

#include "bench/cli/options.h"

namespace mhabench::bench {

/// Whether rows are to run in processes of their own.
bool runs_in_workers(const Options& options);

/// Runs the rows in workers, one a device of --devices or a single one, and hands each the next
/// configuration once it has finished its last; keeps, saves and prints the rows, in this process,
/// which uses no GPU. A worker that dies, or whose row makes no progress for options.row_timeout_s,
/// is replaced: the row is recorded as failed with how it ended, and the rest of its configuration
/// is handed out again. A device whose workers die twice in turn outside of a row, or that is of
/// another kind than the first, is left out. The exit status. Throws InputError as run_here does,
/// and where no such device is there. The caller has used no GPU and started no thread.
int run_in_workers(const Options& options, const std::vector<std::string>& arguments);

}  // namespace mhabench::bench
