#include "mhabench/paths/slow.h"

#include <array>
#include <limits>

#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"

namespace mhabench {
namespace {

// Additive form of a bool mask: 0 where a key counts, -inf where it is padding.
at::Tensor additive_mask(const at::Tensor& key_padding_mask, at::ScalarType dtype) {
  return at::zeros_like(key_padding_mask, key_padding_mask.options().dtype(dtype))
      .masked_fill_(key_padding_mask, -std::numeric_limits<double>::infinity());
}

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

}  // namespace

at::Tensor slow_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                    const Weights& weights, std::int64_t heads) {
  const at::Tensor x = padded.transpose(1, 0);
  const std::int64_t seq_len = x.size(0);
  const std::int64_t batch = x.size(1);
  const std::int64_t embed_dim = x.size(2);
  const std::int64_t head_dim = embed_dim / heads;

  const at::Tensor key_mask = additive_mask(key_padding_mask, x.scalar_type());
  const auto [q, k, v] = in_projection(x, weights);
  const auto by_head = [&](const at::Tensor& t) {
    return t.view({seq_len, batch * heads, head_dim})
        .transpose(0, 1)
        .view({batch, heads, seq_len, head_dim});
  };
  const at::Tensor mask = key_mask.view({batch, 1, 1, seq_len})
                              .expand({-1, heads, -1, -1})
                              .reshape({batch * heads, 1, seq_len})
                              .view({batch, heads, -1, seq_len});

  const at::Tensor attention =
      at::scaled_dot_product_attention(by_head(q), by_head(k), by_head(v), mask, 0.0, false);
  const at::Tensor rows =
      attention.permute({2, 0, 1, 3}).contiguous().view({batch * seq_len, embed_dim});
  return at::linear(rows, weights.out_proj_weight, weights.out_proj_bias)
      .view({seq_len, batch, embed_dim})
      .transpose(1, 0);
}

namespace {

std::function<at::Tensor(const PaddedBatch&)> layer_of(const MhaConfig& config,
                                                       const Weights& weights) {
  return [&weights, heads = config.heads](const PaddedBatch& batch) {
    return slow_mha(batch.padded, batch.key_padding_mask, weights, heads);
  };
}

std::optional<std::string> unsupported(const MhaConfig&, c10::Device) { return std::nullopt; }

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_padded(inputs, Masking::key_padding, layer_of(config, weights));
}

PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_padded_fixed(inputs, Masking::key_padding, layer_of(config, weights));
}

std::optional<std::string> refuses_sdpa(const MhaConfig& config, c10::Device device) {
  return sdpa_refuses(config, device, /*masked=*/true);
}

}  // namespace

Path slow_path() {
  return {
      "slow",          "F.multi_head_attention_forward on a padded batch with a key padding mask",
      unsupported,     prepare,
      prepare_fixed,   refuses_sdpa,
      Executes::padded};
}

}  // namespace mhabench
