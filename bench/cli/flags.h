#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/cli/options.h"
#include "mhabench/config/grid.h"

namespace mhabench::bench {

/// What the flags can name and the flags themselves do not know.
struct FlagContext {
  /// The table of paths, by name.
  std::vector<std::string> path_names;
  /// As it stands in --help.
  std::string program = "mha_bench";
};

/// Reads a command line, without the program's name, and the BENCHMARK_* environment variables,
/// which give way to flags. Of a flag that is given twice the last one counts; of
/// --benchmark_context all do. '-' and '_' are the same in a flag's name.
///
/// Throws InputError, one line that names the flag or variable, its value and what is allowed: an
/// unknown flag or name, a malformed value, a missing one, an argument that is no flag, flags that
/// exclude each other. Reads no file and asks nothing of LibTorch; see expansion_of and
/// check_outputs for the rest.
Options parse_flags(const std::vector<std::string>& arguments, const FlagContext& context);

/// The text of --help.
std::string help_text(const FlagContext& context);

/// The grid asked for: the one named, or `default_name`, with the axes given in place of its own
/// and the batches of the lengths file. Throws InputError for a lengths file that cannot be used
/// (see read_lengths_file), and for --embed_dim or --heads with a file whose lines all hold their
/// own.
Grid grid_of(const Options& options, std::string_view default_name);

/// Its configurations. Throws InputError also as expand and check_lengths do.
Expansion expansion_of(const Grid& grid, std::uint64_t seed);

/// Throws InputError that names the flag where an output file cannot be written (see
/// check_writable), where two flags name the same file, the journal beside --benchmark_out
/// included, or where a pipe would be read more than once.
void check_outputs(const Options& options);

}  // namespace mhabench::bench
