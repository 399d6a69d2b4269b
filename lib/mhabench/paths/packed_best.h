#pragma once

#include "mhabench/paths/packed.h"

namespace mhabench {

enum class PackedKernel { flash, cudnn, efficient };

/// The fastest of the three varlen kernels for a configuration and its tokens.
/// - Memory-efficient attention at head dims up to 64, where sequences are short: at seq_len up to
///   64, and up to 128 for batches of 64 and more with at most 32 tokens a sequence. Flash works on
///   128 queries at a time there, memory-efficient attention on 64.
/// - cuDNN where they are long and many: at seq_len 256 to 511 from 8,192 tokens on (32,768 at head
///   dims up to 32), from seq_len 512 on from 2,048 tokens on (4,096).
/// - Flash attention elsewhere.
///
/// Measured in fp16 (torch 2.11, cuDNN 9.19) over 144 configurations of the script's grid (batch
/// 16, 64 and 256, beta 0.05, 0.85 and 3.05), by the layer's busy time: the rule's choice takes
/// 0.17 % more than the fastest would on an H200 (geometric mean; 11 % at worst) and 0.19 % on an
/// H100 (12 %); without memory-efficient attention it was 4.7 % and 4.8 %. On the H200, cuDNN over
/// flash:
///
///   head_dim   seq_len 64     seq_len 128    seq_len 256    seq_len 512
///         32   1.16 to 1.44   1.09 to 1.43   0.96 to 1.14   0.90 to 1.03
///         64   1.01 to 1.43   1.00 to 1.39   0.90 to 1.14   0.85 to 0.98
///        128   1.09 to 1.43   1.02 to 1.21   0.94 to 1.04   0.83 to 0.98
///
/// and memory-efficient attention over flash, at seq_len 128 for batches of 64 and 256 with 32
/// tokens a sequence, and for all others:
///
///   head_dim   seq_len 64     128, 32 a sequence   128, others
///         32   0.68 to 0.97   0.84 to 0.95         1.16 to 1.29
///         64   0.64 to 0.95   0.82 to 0.99         1.04 to 1.16
///        128   1.01 to 1.08   1.09                 1.02 to 1.11
PackedKernel best_packed_kernel(const MhaConfig& config, std::int64_t tokens);

/// Packed tokens through best_packed_kernel's choice. Where cuDNN cannot run flash attention takes
/// its place, and where that cannot (fp32, wide heads), memory-efficient attention.
Path packed_best_path();

}  // namespace mhabench
