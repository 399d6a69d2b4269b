#include "mhabench/paths/fast_masked.h"

#include <ATen/ATen.h>

#include "mhabench/paths/fast.h"
#include "mhabench/paths/padded.h"

namespace mhabench {

at::Tensor fast_masked_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                           const Weights& weights, std::int64_t heads) {
  constexpr std::int64_t kKeyPadding = 1;  // a mask of (batch, seq_len), true where padding is
  return std::get<0>(at::_native_multi_head_attention(
      padded, padded, padded, padded.size(-1), heads, weights.in_proj_weight, weights.in_proj_bias,
      weights.out_proj_weight, weights.out_proj_bias, key_padding_mask, /*need_weights=*/false,
      /*average_attn_weights=*/true, kKeyPadding));
}

namespace {

std::function<at::Tensor(const PaddedBatch&)> layer_of(const MhaConfig& config,
                                                       const Weights& weights) {
  return [&weights, heads = config.heads](const PaddedBatch& batch) {
    return fast_masked_mha(batch.padded, batch.key_padding_mask, weights, heads);
  };
}

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_padded(inputs, Masking::key_padding, layer_of(config, weights));
}

PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_padded_fixed(inputs, Masking::key_padding, layer_of(config, weights));
}

}  // namespace

Path fast_masked_path() {
  return {"fast_masked",
          "the fast path on a padded batch with a key padding mask: PyTorch's older, unfused code",
          no_fast_path,
          prepare,
          prepare_fixed,
          {},
          Executes::padded};
}

}  // namespace mhabench
