// A path of one's own: packed tokens, attention called once for each sequence.
#pragma once

#include <ATen/ATen.h>

#include "mhabench/paths/path.h"

inline mhabench::Path one_by_one_path() {
  mhabench::Path path;
  path.name = "one_by_one";
  path.summary = "Packed tokens, scaled_dot_product_attention once for each sequence";
  path.unsupported = [](const auto&, c10::Device) { return std::optional<std::string>(); };
  path.prepare = [](const mhabench::MhaConfig& config, const mhabench::Inputs& inputs,
                    const mhabench::Weights& weights) -> mhabench::PreparedCall {
    const auto run = [&config, &inputs, &weights] {
      const at::Tensor qkv = at::linear(inputs.packed, weights.in_proj_weight, weights.in_proj_bias)
                                 .view({-1, 3, config.heads, config.embed_dim / config.heads})
                                 .permute({1, 2, 0, 3});  // (3, heads, tokens, head_dim)
      std::vector<at::Tensor> outputs;
      for (const at::Tensor& one : qkv.split_with_sizes(inputs.lengths, /*dim=*/2)) {
        outputs.push_back(at::scaled_dot_product_attention(one[0], one[1], one[2]));
      }
      const at::Tensor tokens = at::cat(outputs, /*dim=*/1).transpose(0, 1).flatten(1);
      return at::linear(tokens, weights.out_proj_weight, weights.out_proj_bias);
    };
    return {run, [](const at::Tensor& output) { return output; }};
  };
  return path;
}
