#pragma once

#include "mhabench/paths/packed.h"

namespace mhabench {

enum class PackedKernel { flash, cudnn };

/// The faster of the two varlen kernels for a shape, as measured on one H200 in fp16 (torch 2.11,
/// cuDNN 9.19; us of attention alone, flash / cuDNN):
///
///   head_dim  tokens (batch, seq_len)   flash  cuDNN
///         32    7 420 (64, 256)            49     53
///         32   23 636 (64, 512)           170    162
///         32  104 756 (256, 512)          786    674
///         64      478 (16, 64)            7.5   13.9
///         64    7 420 (64, 256)            63     54
///         64   68 952 (256, 512)          348    256
///         64  104 756 (256, 512)         1049    709
///        128  104 756 (256, 512)          796    543
///
/// cuDNN from 16,384 tokens on at head dims up to 32, and from 4,096 on at larger ones: between the
/// nearest measured shapes on which the two change places.
PackedKernel best_packed_kernel(std::int64_t tokens, std::int64_t head_dim);

/// Packed tokens through best_packed_kernel's choice, or flash attention where cuDNN cannot run.
Path packed_best_path();

}  // namespace mhabench
