#include "mhabench/paths/path.h"

#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/paths/sdpa.h"

namespace mhabench {

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
