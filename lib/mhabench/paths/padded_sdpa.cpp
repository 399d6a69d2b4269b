#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {

at::Tensor padded_sdpa_mha(const at::Tensor& padded, const at::Tensor& attend,
                           const Weights& weights, std::int64_t heads) {
  const std::int64_t batch = padded.size(0);
  const std::int64_t seq_len = padded.size(1);
  const std::int64_t embed_dim = padded.size(2);
  const std::vector<at::Tensor> qkv =
      at::linear(padded, weights.in_proj_weight, weights.in_proj_bias)
          .view({batch, seq_len, 3, heads, embed_dim / heads})
          .permute({2, 0, 3, 1, 4})
          .unbind();
  const at::Tensor attention =
      at::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attend, 0.0, false);
  return at::linear(attention.transpose(1, 2).reshape({batch, seq_len, embed_dim}),
                    weights.out_proj_weight, weights.out_proj_bias);
}

Path padded_sdpa_path() {
  Path path = padded_path("padded_sdpa",
                          "a padded batch as people run it: one linear, "
                          "scaled_dot_product_attention with a mask, one linear",
                          Masking::attend, padded_sdpa_mha);
  path.refuses_sdpa = sdpa_refuses;
  return path;
}

}  // namespace mhabench
