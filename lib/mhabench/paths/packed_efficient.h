#pragma once

#include "mhabench/paths/packed.h"

namespace mhabench {

/// LibTorch's memory-efficient attention on packed projections, cu_seqlens on the device: a
/// VarlenAttention. fp32 as well.
at::Tensor efficient_attention(const at::Tensor& qkv, const PackedBatch& batch);

/// Packed tokens through efficient_attention.
Path packed_efficient_path();

}  // namespace mhabench
