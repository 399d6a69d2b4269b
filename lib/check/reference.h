#pragma once

#include <cstddef>

#include <ATen/core/Tensor.h>

#include "mhabench/config/config.h"
#include "mhabench/inputs/tensors.h"

namespace mhabench {

/// What the layer gives in exact arithmetic, near enough: computed in fp64 from the very values the
/// paths read, on the packed tokens, by the textbook formula
/// softmax(q k^T / sqrt(head_dim)) v between two linear maps.
struct Reference {
  at::Tensor output;           ///< (tokens, embed_dim) fp64
  at::Tensor output_norm;      ///< () fp64
  at::Tensor attention_norms;  ///< (tokens) fp64, norm of the out-projection's input
  at::Tensor weight_norms;     ///< (embed_dim) fp64, norm of each row of the out-projection
  at::Tensor value_norm;       ///< () fp64, root mean square over tokens of the values' norm
};

/// Computes the reference on the inputs' device. Sequences are taken in chunks of like length whose
/// temporaries stay near `chunk_bytes`. Throws c10::Error where memory runs out.
Reference make_reference(const MhaConfig& config, const Inputs& inputs, const Weights& weights,
                         std::size_t chunk_bytes);

/// A chunk size that leaves large devices busy and small ones room.
std::size_t default_chunk_bytes(c10::Device device);

}  // namespace mhabench
