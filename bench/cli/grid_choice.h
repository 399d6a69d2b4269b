#pragma once

#include <cstdint>
#include <string_view>

#include "bench/cli/options.h"
#include "mhabench/config/grid.h"

namespace mhabench::bench {

/// The grid asked for: the one named, or `default_name`, with the axes given in place of its own
/// and the batches of the lengths file. Throws InputError for a lengths file that cannot be used
/// (see read_lengths_file), and for --embed_dim or --heads with a file whose lines all hold their
/// own.
Grid grid_of(const Options& options, std::string_view default_name);

/// Its configurations. Throws InputError as expand and check_lengths do.
Expansion expansion_of(const Grid& grid, std::uint64_t seed);

}  // namespace mhabench::bench
