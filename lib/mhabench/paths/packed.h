#pragma once

#include <functional>
#include <string>

#include "mhabench/paths/packing.h"
#include "mhabench/paths/path.h"

namespace mhabench {

/// Packed tokens with the lengths that divide them, as varlen attention takes them.
struct PackedBatch {
  at::Tensor tokens;  ///< (rows, embed_dim): tables.tokens() tokens, then room that does not count
  LengthTables tables;  ///< of the lengths, on the device
  std::vector<std::int64_t> lengths;
  std::int64_t longest = 0;  ///< no length is above it
};

/// Attention over packed projections `qkv` (rows, 3, heads, head_dim): for each token what
/// attention makes of it, (rows, embed_dim). Rows that do not count may hold anything.
using VarlenAttention = std::function<at::Tensor(const at::Tensor& qkv, const PackedBatch& batch)>;

/// The attention for a configuration and its inputs. May throw Unsupported.
using ChooseAttention = std::function<VarlenAttention(const MhaConfig&, const Inputs&)>;

/// A path on packed tokens: a linear map, the attention, a linear map. With fixed shapes, for a
/// graph that takes the next batch, tokens lie in a buffer of room_for() rows, which the linear
/// maps all work on, `longest` is seq_len, and pack() writes tokens and tables in place.
Path packed_path(std::string name, std::string summary, Path::Unsupports unsupported,
                 ChooseAttention attention);

/// LibTorch's flash attention 2, cu_seqlens on the device: a VarlenAttention.
at::Tensor flash_attention(const at::Tensor& qkv, const PackedBatch& batch);

/// LibTorch's memory-efficient attention, cu_seqlens on the device: a VarlenAttention. fp32 as
/// well.
at::Tensor efficient_attention(const at::Tensor& qkv, const PackedBatch& batch);

/// scaled_dot_product_attention on one sequence after the other: a VarlenAttention for the CPU,
/// where no kernel takes cu_seqlens.
at::Tensor attention_by_sequence(const at::Tensor& qkv, const PackedBatch& batch);

/// cuDNN's ragged attention, its plan built for the configuration's shape unless the process has it
/// already. Throws Unsupported if cuDNN has no plan.
VarlenAttention ragged_cudnn_attention(const MhaConfig& config, const Inputs& inputs);

/// Why the offsets of cuDNN's ragged tensors cannot reach all of the largest batch of that shape,
/// every sequence of seq_len tokens; nothing where they can. The same on every device.
std::optional<std::string> beyond_ragged_offsets(const MhaConfig& config);

/// Why cuDNN's ragged attention cannot run the configuration on `device`; nothing where it can, as
/// far as one knows before its plan is built.
std::optional<std::string> ragged_cudnn_refuses(const MhaConfig& config, c10::Device device);

enum class PackedKernel { flash, cudnn, efficient };

/// The fastest of the three varlen kernels for a configuration and its tokens.
/// - Memory-efficient attention at head dims up to 64, where sequences are short: at seq_len up to
///   64, and up to 128 for batches of 64 and more with at most 32 tokens a sequence. Flash works on
///   128 queries at a time there, memory-efficient attention on 64.
/// - cuDNN where they are long and many: at seq_len 256 to 511 from 8,192 tokens on (32,768 at head
///   dims up to 32), from seq_len 512 on from 2,048 tokens on (4,096).
/// - Flash attention elsewhere.
///
/// The choice takes 0.17 % more busy time than the fastest kernel on an H200, 0.19 % on an H100
/// (geometric mean of the layer's busy time over 144 configurations of the script's grid in fp16,
/// torch 2.11, cuDNN 9.19; 12 % at worst). The test holds it against half of those measurements.
PackedKernel best_packed_kernel(const MhaConfig& config, std::int64_t tokens);

}  // namespace mhabench
