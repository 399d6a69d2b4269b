#include <array>

#include <ATen/ATen.h>
#include <torch/headeronly/version.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {
namespace {

// (seq_len, batch, embed_dim) -> q, k, v of the same shape, parts of one contiguous tensor.
std::array<at::Tensor, 3> in_projection(const at::Tensor& x, const Weights& weights) {
  const at::Tensor qkv = at::linear(x, weights.in_proj_weight, weights.in_proj_bias)
                             .unflatten(-1, {3, x.size(-1)})
                             .unsqueeze(0)
                             .transpose(0, -2)
                             .squeeze(-2)
                             .contiguous();
  return {qkv[0], qkv[1], qkv[2]};
}

constexpr bool torch_is_at_least(int minor) {
  return TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= minor;
}

// (batch, heads, seq_len, head_dim) -> (seq_len * batch, embed_dim)
at::Tensor rows_of(const at::Tensor& attention, at::IntArrayRef shape) {
  const at::Tensor by_position = attention.permute({2, 0, 1, 3});
  if (torch_is_at_least(13)) return by_position.reshape(shape);
  return by_position.contiguous().view(shape);
}

}  // namespace

at::Tensor slow_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                    const Weights& weights, std::int64_t heads) {
  const at::Tensor key_mask = additive_mask(key_padding_mask, padded.scalar_type());
  const at::Tensor x = padded.transpose(1, 0);
  const std::int64_t seq_len = x.size(0);
  const std::int64_t batch = x.size(1);
  const std::int64_t embed_dim = x.size(2);
  const std::int64_t head_dim = embed_dim / heads;

  std::array<at::Tensor, 3> qkv = in_projection(x, weights);
  for (at::Tensor& t : qkv) t = t.view({seq_len, batch * heads, head_dim}).transpose(0, 1);
  const at::Tensor mask = key_mask.view({batch, 1, 1, seq_len})
                              .expand({-1, heads, -1, -1})
                              .reshape({batch * heads, 1, seq_len})
                              .view({batch, heads, -1, seq_len});
  for (at::Tensor& t : qkv) t = t.view({batch, heads, seq_len, head_dim});

  const at::Tensor attention =
      at::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], mask, 0.0, false);
  if (torch_is_at_least(12)) qkv = {};
  const at::Tensor rows = rows_of(attention, {batch * seq_len, embed_dim});
  return at::linear(rows, weights.out_proj_weight, weights.out_proj_bias)
      .view({seq_len, batch, embed_dim})
      .transpose(1, 0);
}

Path slow_path() {
  Path path = padded_path(
      "slow", "F.multi_head_attention_forward on a padded batch with a key padding mask",
      Masking::key_padding, slow_mha);
  path.refuses_sdpa = sdpa_refuses;
  return path;
}

}  // namespace mhabench
