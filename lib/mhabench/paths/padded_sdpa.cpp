#include "mhabench/paths/padded_sdpa.h"

#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"

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

namespace {

PaddedLayer layer_of(const MhaConfig& config, const Weights& weights) {
  return [&weights, heads = config.heads](const PaddedBatch& batch) {
    return padded_sdpa_mha(batch.padded, batch.mask, weights, heads);
  };
}

std::optional<std::string> refuses_sdpa(const MhaConfig& config, c10::Device device) {
  return sdpa_refuses(config, device, /*masked=*/true);
}

}  // namespace

Path padded_sdpa_path() {
  Path path = padded_path("padded_sdpa",
                          "a padded batch as people run it: one linear, "
                          "scaled_dot_product_attention with a mask, one linear",
                          Masking::attend, layer_of);
  path.refuses_sdpa = refuses_sdpa;
  return path;
}

}  // namespace mhabench
