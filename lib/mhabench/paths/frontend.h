#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// torch::nn::functional::multi_head_attention_forward, LibTorch's layer for C++ programs, on a
/// padded batch with a key padding mask: matrix products and a softmax that nothing fuses. fp32
/// alone: it fills masks in the scores' dtype, which throws for others.
at::Tensor frontend_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                        const Weights& weights, std::int64_t heads);

/// frontend_mha as a path.
Path frontend_path();

}  // namespace mhabench
