#include "mhabench/paths/fast_dense.h"

#include "mhabench/paths/fast.h"
#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"

namespace mhabench {
namespace {

PaddedLayer layer_of(const MhaConfig& config, const Weights& weights) {
  return [&weights, embed_dim = config.embed_dim, heads = config.heads](const PaddedBatch& batch) {
    return fast_mha(batch.padded, weights, embed_dim, heads);
  };
}

}  // namespace

Path fast_dense_path() {
  Path path = padded_path(
      "fast_dense", "the fast path on a padded batch without a mask, where all lengths are full",
      Masking::none, layer_of);
  path.unsupported = no_fast_path;
  path.refuses_sdpa = native_layer_refuses;
  return path;
}

}  // namespace mhabench
