#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// nn.MultiheadAttention's fast path (BetterTransformer): at::_native_multi_head_attention on a
/// strided nested tensor of (length, embed_dim), which the result is too. On CUDA a fused kernel
/// where PyTorch chooses one; on the CPU the batch is padded inside the call.
at::Tensor fast_mha(const at::Tensor& nested, const Weights& weights, std::int64_t embed_dim,
                    std::int64_t heads);

/// Why nn.MultiheadAttention does not take its fast path, nested or dense: it asks for an even
/// number of heads. (Where no fused kernel fits, the layer below refuses an odd one on CUDA.)
std::optional<std::string> no_fast_path(const MhaConfig& config, c10::Device device);

/// fast_mha as a path.
Path fast_path();

}  // namespace mhabench
