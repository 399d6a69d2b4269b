#include <ATen/ATen.h>
#include <torch/nn/functional/activation.h>

#include "mhabench/paths/padded.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {

at::Tensor frontend_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                        const Weights& weights, std::int64_t heads) {
  namespace F = torch::nn::functional;
  const at::Tensor x = padded.transpose(0, 1);
  const auto options =
      F::MultiheadAttentionForwardFuncOptions(
          /*embed_dim_to_check=*/x.size(-1), heads, weights.in_proj_weight, weights.in_proj_bias,
          /*bias_k=*/at::Tensor(), /*bias_v=*/at::Tensor(), /*add_zero_attn=*/false,
          /*dropout_p=*/0.0, weights.out_proj_weight, weights.out_proj_bias)
          .training(false)
          .key_padding_mask(key_padding_mask)
          .need_weights(false);
  return std::get<0>(F::multi_head_attention_forward(x, x, x, options)).transpose(0, 1);
}

namespace {

std::optional<std::string> unsupported(const MhaConfig& config, c10::Device) {
  if (config.dtype == Dtype::fp32) return std::nullopt;
  const char* const name = config.dtype == Dtype::fp16 ? "Half" : "BFloat16";
  return std::string("LibTorch throws: masked_fill not implemented for '") + name + "'";
}

}  // namespace

Path frontend_path() {
  Path path = padded_path(
      "frontend",
      "LibTorch's own layer, torch::nn::functional::multi_head_attention_forward, unfused",
      Masking::key_padding, frontend_mha);
  path.unsupported = unsupported;
  return path;
}

}  // namespace mhabench
