#include "mhabench/paths/path.h"

#include <utility>

#include "mhabench/config/error.h"
#include "mhabench/config/text.h"
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
#include "mhabench/paths/sdpa.h"
#include "mhabench/paths/slow.h"
#include "mhabench/paths/slow_autograd.h"

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

std::vector<std::string> path_names() {
  std::vector<std::string> names;
  for (const Path& path : path_table()) names.push_back(path.name);
  return names;
}

const Path& find_path(std::string_view name) {
  for (const Path& path : path_table()) {
    if (path.name == name) return path;
  }
  throw InputError("unknown path '" + std::string(name) + "' (allowed: " +
                   join(path_names(), ", ") + ")" + did_you_mean(name, path_names()));
}

std::optional<std::string> why_unsupported(const Path& path, const MhaConfig& config,
                                           c10::Device device) {
  if (auto reason = path.unsupported(config, device)) return reason;
  if (!config.sdpa) return std::nullopt;
  if (!path.refuses_sdpa) return "it does not go through scaled_dot_product_attention";
  return path.refuses_sdpa(config, device);
}

PreparedCall prepare_call(const Path& path, const MhaConfig& config, const Inputs& inputs,
                          const Weights& weights) {
  if (!config.sdpa) return path.prepare(config, inputs, weights);
  const SdpaPin pin(*config.sdpa);
  PreparedCall call = path.prepare(config, inputs, weights);
  call.run = [run = std::move(call.run), backend = *config.sdpa] {
    const SdpaPin pin_for_call(backend);
    return run();
  };
  return call;
}

}  // namespace mhabench
