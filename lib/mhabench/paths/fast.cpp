#include <algorithm>
#include <memory>

#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/packing.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {

at::Tensor fast_mha(const at::Tensor& nested, const Weights& weights, std::int64_t embed_dim,
                    std::int64_t heads) {
  return std::get<0>(at::_native_multi_head_attention(
      nested, nested, nested, embed_dim, heads, weights.in_proj_weight, weights.in_proj_bias,
      weights.out_proj_weight, weights.out_proj_bias, /*mask=*/std::nullopt,
      /*need_weights=*/false));
}

namespace {

using Lengths = std::vector<std::int64_t>;

std::optional<std::string> refuses_sdpa(const MhaConfig& config, c10::Device device) {
  if (config.sdpa == SdpaBackend::cudnn) return "cudnn: SDPA skips it for nested tensors";
  return native_layer_refuses(config, device);
}

// The batch as a nested tensor, and its lengths on the device, which the way back to padding needs.
struct NestedState {
  at::Tensor nested;
  LengthTables tables;
};

void check_pin(const MhaConfig& config, const Lengths& lengths) {
  if (config.sdpa && std::ranges::min(lengths) <= 1) {
    throw Unsupported(
        "the native layer runs unfused code of its own where a sequence has one "
        "token");
  }
}

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  check_pin(config, inputs.lengths);
  const std::int64_t embed_dim = config.embed_dim;
  const auto state = std::make_shared<NestedState>(
      NestedState{inputs.nested, LengthTables(config.batch, embed_dim, inputs.packed.device())});
  state->tables.write(inputs.lengths);
  const auto to_tokens = [embed_dim](const at::Tensor& output) {
    return output.contiguous().values().view({-1, embed_dim});
  };
  PreparedCall call;
  call.run = [state, &weights, embed_dim, heads = config.heads] {
    return fast_mha(state->nested, weights, embed_dim, heads);
  };
  call.to_packed = to_tokens;
  call.pack = [state](const at::Tensor& padded, const Lengths& lengths) {
    state->tables.write(lengths);
    state->nested = nested_view(tokens_of(padded, state->tables), lengths);
  };
  call.unpack = [state, to_tokens, seq_len = config.seq_len](const at::Tensor& output) {
    return padded_of(to_tokens(output), state->tables, seq_len);
  };
  return call;
}

// What it builds on the host at each call would stay as it was captured; but it cannot be captured.
PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  PreparedCall call = prepare(config, inputs, weights);
  call.token_capacity = std::max<std::int64_t>(1, inputs.packed.size(0));
  return call;
}

}  // namespace

Path fast_path() {
  return {"fast",          "nn.MultiheadAttention's fast path on a nested tensor",
          no_fast_path,    prepare,
          prepare_fixed,   refuses_sdpa,
          Executes::nested};
}

}  // namespace mhabench
