#include "mhabench/paths/path_table.h"

namespace mhabench {
namespace {

Path::Prepare with_frozen_weights(const Path::Prepare& prepare) {
  return [prepare](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    return prepare(config, inputs, frozen(weights));
  };
}

}  // namespace

Path slow_frozen_path() {
  Path path = slow_path();
  path.name = "slow_frozen";
  path.summary = "slow with weights that require no gradient";
  path.prepare = with_frozen_weights(path.prepare);
  path.prepare_fixed = with_frozen_weights(path.prepare_fixed);
  return path;
}

}  // namespace mhabench
