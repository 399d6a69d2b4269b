#include "mhabench/paths/slow_frozen.h"

#include "mhabench/paths/slow.h"

namespace mhabench {
namespace {

PaddedLayer layer_of(const MhaConfig& config, const Weights& weights) {
  return [weights = frozen(weights), heads = config.heads](const PaddedBatch& batch) {
    return slow_mha(batch.padded, batch.mask, weights, heads);
  };
}

}  // namespace

Path slow_frozen_path() {
  return slow_path_as("slow_frozen", "slow with weights that require no gradient", layer_of);
}

}  // namespace mhabench
