#include "bench/cli/grid_choice.h"

#include <algorithm>
#include <string>
#include <vector>

#include "bench/cli/flag_checks.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/lengths_file.h"

namespace mhabench::bench {
namespace {

void check_widths(const GridChoice& choice, const std::vector<LengthsLine>& lines) {
  if (std::ranges::any_of(lines, [](const LengthsLine& line) { return !line.fixed; })) return;
  const std::string reason = "each line of '" + choice.lengths_file + "' holds its own";
  if (choice.embed_dims) fail_exclusive("--embed_dim", "--lengths_file", reason);
  if (choice.heads) fail_exclusive("--heads", "--lengths_file", reason);
}

}  // namespace

Grid grid_of(const Options& options, std::string_view default_name) {
  const GridChoice& choice = options.grid;
  Grid grid = named_grid(choice.name.value_or(std::string(default_name)));
  grid.dtypes = choice.dtypes.value_or(grid.dtypes);
  grid.batches = choice.batches.value_or(grid.batches);
  grid.seq_lens = choice.seq_lens.value_or(grid.seq_lens);
  grid.embed_dims = choice.embed_dims.value_or(grid.embed_dims);
  grid.heads = choice.heads.value_or(grid.heads);
  grid.betas = choice.betas.value_or(grid.betas);
  grid.lengths = choice.lengths.value_or(grid.lengths);
  if (!choice.lengths_file.empty()) {
    grid.lines = read_lengths_file(choice.lengths_file);
    check_widths(choice, grid.lines);
  }
  return grid;
}

Expansion expansion_of(const Grid& grid, std::uint64_t seed) {
  Expansion expansion = expand(grid);
  for (const MhaConfig& config : expansion.configs) check_lengths(config, seed);
  return expansion;
}

}  // namespace mhabench::bench
