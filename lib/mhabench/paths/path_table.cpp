#include <utility>

#include "mhabench/paths/fast.h"
#include "mhabench/paths/fast_dense.h"
#include "mhabench/paths/fast_masked.h"
#include "mhabench/paths/frontend.h"
#include "mhabench/paths/graph.h"
#include "mhabench/paths/packed_best.h"
#include "mhabench/paths/packed_cpu.h"
#include "mhabench/paths/packed_cudnn.h"
#include "mhabench/paths/packed_efficient.h"
#include "mhabench/paths/packed_flash.h"
#include "mhabench/paths/padded_sdpa.h"
#include "mhabench/paths/path.h"
#include "mhabench/paths/slow.h"
#include "mhabench/paths/slow_autograd.h"
#include "mhabench/paths/slow_frozen.h"

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
