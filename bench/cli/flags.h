#pragma once

#include <string>
#include <vector>

#include "bench/cli/options.h"

namespace mhabench::bench {

/// What the flags can name or tell and do not know themselves.
struct FlagContext {
  std::vector<std::string> path_names;  ///< the table of paths
  std::string built_on = {};            ///< for --version, such as "LibTorch 2.11.0"
};

/// Reads a command line, without the program's name, and the BENCHMARK_* environment variables,
/// which give way to flags. Of a flag that is given twice the last one counts; of
/// --benchmark_context all do. '-' and '_' are the same in a flag's name.
///
/// Throws InputError that names the flag or variable, its value and what is allowed: an unknown
/// flag or name, a malformed value, a missing one, an argument that is no flag, flags that exclude
/// each other. Reads no file and asks nothing of LibTorch; see grid_choice.h and flag_checks.h for
/// the rest.
Options parse_flags(const std::vector<std::string>& arguments, const FlagContext& context);

}  // namespace mhabench::bench
