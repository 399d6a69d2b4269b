#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// nn.MultiheadAttention's fast path (BetterTransformer): at::_native_multi_head_attention on a
/// strided nested tensor of (length, embed_dim), which the result is too. On CUDA a fused kernel
/// where PyTorch chooses one; on the CPU the batch is padded inside the call.
at::Tensor fast_mha(const at::Tensor& nested, const Weights& weights, std::int64_t embed_dim,
                    std::int64_t heads);

/// fast_mha as a path.
Path fast_path();

}  // namespace mhabench
