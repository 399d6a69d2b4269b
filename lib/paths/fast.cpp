#include "mhabench/paths/fast.h"

#include <ATen/ATen.h>

namespace mhabench {

at::Tensor fast_mha(const at::Tensor& nested, const Weights& weights, std::int64_t embed_dim,
                    std::int64_t heads) {
  return std::get<0>(at::_native_multi_head_attention(
      nested, nested, nested, embed_dim, heads, weights.in_proj_weight, weights.in_proj_bias,
      weights.out_proj_weight, weights.out_proj_bias, /*mask=*/std::nullopt,
      /*need_weights=*/false));
}

namespace {

std::optional<std::string> unsupported(const MhaConfig&, c10::Device) { return std::nullopt; }

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  const auto run = [&inputs, &weights, embed_dim = config.embed_dim, heads = config.heads] {
    return fast_mha(inputs.nested, weights, embed_dim, heads);
  };
  const auto to_packed = [embed_dim = config.embed_dim](const at::Tensor& output) {
    return output.contiguous().values().view({-1, embed_dim});
  };
  return {run, to_packed};
}

}  // namespace

Path fast_path() {
  return {"fast", "nn.MultiheadAttention's fast path on a nested tensor", unsupported, prepare,
          Executes::nested};
}

}  // namespace mhabench
