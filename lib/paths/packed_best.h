#pragma once

#include "mhabench/paths/packed.h"

namespace mhabench {

enum class PackedKernel { flash, cudnn };

/// The faster of the two varlen kernels for a shape. cuDNN at seq_len 256 to 511 from 8,192 tokens
/// on (32,768 at head dims up to 32), from seq_len 512 on from 2,048 tokens on (4,096); else flash.
///
/// Measured on an H200 in fp16 (torch 2.11, cuDNN 9.19) over 144 configurations of the script's
/// grid (batch 16, 64 and 256, beta 0.05, 0.85 and 3.05), by the layer's busy time: the rule's
/// choice takes 0.15 % more than the faster of both would (geometric mean), flash alone 2.8 % and
/// cuDNN alone 10.8 % more. cuDNN over flash:
///
///   head_dim   seq_len 64     seq_len 128    seq_len 256    seq_len 512
///         32   1.16 to 1.44   1.09 to 1.43   0.96 to 1.14   0.90 to 1.03
///         64   1.01 to 1.43   1.00 to 1.39   0.90 to 1.14   0.85 to 0.98
///        128   1.09 to 1.43   1.02 to 1.21   0.94 to 1.04   0.83 to 0.98
PackedKernel best_packed_kernel(std::int64_t tokens, std::int64_t seq_len, std::int64_t head_dim);

/// Packed tokens through best_packed_kernel's choice, or flash attention where cuDNN cannot run.
Path packed_best_path();

}  // namespace mhabench
