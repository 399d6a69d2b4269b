#include "mhabench/paths/fast_dense.h"

#include "mhabench/paths/fast.h"
#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"

namespace mhabench {
namespace {

std::function<at::Tensor(const PaddedBatch&)> layer_of(const MhaConfig& config,
                                                       const Weights& weights) {
  return [&weights, embed_dim = config.embed_dim, heads = config.heads](const PaddedBatch& batch) {
    return fast_mha(batch.padded, weights, embed_dim, heads);
  };
}

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_padded(inputs, Masking::none, layer_of(config, weights));
}

PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_padded_fixed(inputs, Masking::none, layer_of(config, weights));
}

}  // namespace

Path fast_dense_path() {
  return {
      "fast_dense",    "the fast path on a padded batch without a mask, where all lengths are full",
      no_fast_path,    prepare,
      prepare_fixed,   native_layer_refuses,
      Executes::padded};
}

}  // namespace mhabench
