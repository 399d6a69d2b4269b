#pragma once

#include <string>
#include <vector>

#include "bench/cli/options.h"

namespace mhabench::bench {

/// A version of Google Benchmark: 1.7, 1.8, ....
struct LibraryVersion {
  int major = 0;
  int minor = 0;
};

/// The one that this was built against.
LibraryVersion linked_library_version();

/// What to hand to benchmark::Initialize in place of the command line, the program's name first:
/// the library has no other public way to set its options. Every flag of the library is set, so
/// that no BENCHMARK_* variable acts on it past the suite's own reading. It keeps all rows by a
/// pattern, since without one it takes time quadratic in their number, and accepts a row after one
/// invocation, unless a min_time was given in seconds. A number of calls (20x) and a dry run are
/// the suite's to make.
std::vector<std::string> benchmark_arguments(const std::string& program, const Options& options,
                                             LibraryVersion version = linked_library_version());

}  // namespace mhabench::bench
