#pragma once

#include <functional>

#include "mhabench/paths/path.h"

namespace mhabench {

/// What a path on a padded batch reads.
struct PaddedBatch {
  at::Tensor padded;            ///< (batch, seq_len, embed_dim)
  at::Tensor key_padding_mask;  ///< (batch, seq_len) bool, true where padding is
};

enum class Masking { none, key_padding };

/// The part that paths on a padded batch have in common: what they read, how another batch gets
/// there, and where its tokens lie in an output of (batch, seq_len, embed_dim). Without masking the
/// batch has no padding, in whatever is packed as in `inputs`: throws Unsupported where it has.
PreparedCall prepare_padded(const Inputs& inputs, Masking masking,
                            std::function<at::Tensor(const PaddedBatch&)> layer);

/// The same with a copy of the batch that pack() writes to, for a graph.
PreparedCall prepare_padded_fixed(const Inputs& inputs, Masking masking,
                                  std::function<at::Tensor(const PaddedBatch&)> layer);

}  // namespace mhabench
