#pragma once

#include "mhabench/paths/packed.h"

namespace mhabench {

/// scaled_dot_product_attention on one sequence of packed projections after the other: a
/// VarlenAttention for the CPU, where no kernel takes cu_seqlens.
at::Tensor attention_by_sequence(const at::Tensor& qkv, const PackedBatch& batch);

/// Packed tokens through attention_by_sequence, on the CPU.
Path packed_cpu_path();

}  // namespace mhabench
