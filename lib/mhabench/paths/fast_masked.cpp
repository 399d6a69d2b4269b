#include <string>

#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {

at::Tensor fast_masked_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                           const Weights& weights, std::int64_t heads) {
  constexpr std::int64_t kKeyPadding = 1;  // a mask of (batch, seq_len)
  const at::Tensor mask = additive_mask(key_padding_mask, padded.scalar_type());
  return std::get<0>(at::_native_multi_head_attention(
      padded, padded, padded, padded.size(-1), heads, weights.in_proj_weight, weights.in_proj_bias,
      weights.out_proj_weight, weights.out_proj_bias, mask, /*need_weights=*/false,
      /*average_attn_weights=*/true, kKeyPadding));
}

namespace {

// In double, for the product of the largest axes fits in no integer.
bool softmax_overflows(const MhaConfig& config) {
  constexpr double kMostScores = 0x1p31;
  const auto seq_len = static_cast<double>(config.seq_len);
  return static_cast<double>(config.batch) * static_cast<double>(config.heads) * seq_len * seq_len >
         kMostScores;
}

std::optional<std::string> unsupported(const MhaConfig& config, c10::Device device) {
  if (device.is_cuda() && softmax_overflows(config)) {
    return "PyTorch's masked softmax reads out of bounds above 2^31 scores (batch * heads * "
           "seq_len * seq_len)";
  }
  return no_fast_path(config, device);
}

}  // namespace

Path fast_masked_path() {
  Path path = padded_path(
      "fast_masked",
      "the fast path on a padded batch with a key padding mask: PyTorch's older, unfused code",
      Masking::key_padding, fast_masked_mha);
  path.unsupported = unsupported;
  return path;
}

}  // namespace mhabench
