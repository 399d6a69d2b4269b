#pragma once

#include "mhabench/paths/packed.h"

namespace mhabench {

/// LibTorch's flash attention 2 on packed projections, cu_seqlens on the device: a VarlenAttention.
at::Tensor flash_attention(const at::Tensor& qkv, const PackedBatch& batch);

/// Packed tokens through flash_attention.
Path packed_flash_path();

}  // namespace mhabench
