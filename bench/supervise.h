#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/options.h"

namespace mhabench::bench {

/// The exit status with which a supervised child asks for another one in its place: it cannot go
/// on, and has recorded why.
inline constexpr int kReplaceMe = 75;

/// What a process knows of the one that supervises it.
struct Supervision {
  int child = 0;                     ///< 1 is the first one; 0 where nobody supervises
  std::optional<std::string> death;  ///< how the child before it ended, in the middle of a row
};

Supervision supervision();

/// Runs this program with these arguments in a child, and another one where that dies or where a
/// row makes no progress for options.row_timeout_s, until one ends by itself; its exit status.
/// SIGINT and SIGTERM are passed on. The journal tells how far a child is; who calls this has used
/// no GPU and started no thread. Throws InputError where the results file has no journal.
int supervise(const Options& options, const std::vector<std::string>& arguments);

}  // namespace mhabench::bench
