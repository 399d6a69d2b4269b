#include "mhabench/paths/path_table.h"

#include <utility>

// Apart from the rest, so that a program of the tests can have another table in its place.
namespace mhabench {
namespace {

// After the eager paths, each that may be captured once more.
std::vector<Path> with_graphs(std::vector<Path> paths) {
  const std::size_t eager = paths.size();
  for (std::size_t i = 0; i < eager; ++i) {
    if (paths[i].prepare_fixed) paths.push_back(graph_path(paths[i]));
  }
  return paths;
}

}  // namespace

const std::vector<Path>& path_table() {
  static const std::vector<Path> table = with_graphs({
      slow_path(),
      fast_path(),
      padded_sdpa_path(),
      slow_frozen_path(),
      slow_autograd_path(),
      fast_dense_path(),
      fast_masked_path(),
      frontend_path(),
      packed_flash_path(),
      packed_efficient_path(),
      packed_cudnn_path(),
      packed_best_path(),
      packed_cpu_path(),
  });
  return table;
}

}  // namespace mhabench
