#pragma once

#include "mhabench/paths/packed.h"

namespace mhabench {

/// Why the offsets of cuDNN's ragged tensors cannot reach all of the largest batch of that shape,
/// every sequence of seq_len tokens; nothing where they can. The same on every device.
std::optional<std::string> beyond_ragged_offsets(const MhaConfig& config);

/// Why cuDNN's ragged attention cannot run the configuration on `device`; nothing where it can, as
/// far as one knows before its plan is built.
std::optional<std::string> ragged_cudnn_refuses(const MhaConfig& config, c10::Device device);

/// cuDNN's ragged attention, its plan built for the configuration's shape or found where it was
/// built before. Throws Unsupported where cuDNN has no plan.
VarlenAttention ragged_cudnn_attention(const MhaConfig& config, c10::Device device);

/// Packed tokens through cuDNN's ragged attention.
Path packed_cudnn_path();

}  // namespace mhabench
