#pragma once

#include <string>

#include "bench/cli/options.h"

namespace mhabench::bench {

/// Throws InputError: "a and b exclude each other: reason".
[[noreturn]] void fail_exclusive(const std::string& a, const std::string& b,
                                 const std::string& reason);

/// Throws InputError if flags exclude each other or lack one that they need. Reads no file.
void check_combinations(const Options& options);

/// Throws InputError that names the flag if an output file cannot be written (see check_writable),
/// if two flags name the same file, the journal beside --benchmark_out included, or if a pipe would
/// be read more than once.
void check_outputs(const Options& options);

}  // namespace mhabench::bench
