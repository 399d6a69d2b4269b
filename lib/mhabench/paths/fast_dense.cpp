#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {

Path fast_dense_path() {
  const PaddedLayer layer = [](const at::Tensor& padded, const at::Tensor&, const Weights& weights,
                               std::int64_t heads) {
    return fast_mha(padded, weights, padded.size(-1), heads);
  };
  Path path = padded_path(
      "fast_dense", "the fast path on a padded batch without a mask, where all lengths are full",
      Masking::none, layer);
  path.unsupported = no_fast_path;
  path.refuses_sdpa = native_layer_refuses;
  return path;
}

}  // namespace mhabench
