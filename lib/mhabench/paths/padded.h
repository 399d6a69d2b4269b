#pragma once

#include <functional>
#include <string>

#include "mhabench/paths/path.h"

namespace mhabench {

/// The mask of a padded batch: none, where a batch without padding is all that the path takes;
/// key_padding, (batch, seq_len) bool, true where padding is; attend, (batch, 1, 1, seq_len) bool,
/// true where a token is, as scaled_dot_product_attention takes it.
enum class Masking { none, key_padding, attend };

/// What a path on a padded batch reads.
struct PaddedBatch {
  at::Tensor padded;  ///< (batch, seq_len, embed_dim)
  at::Tensor mask;    ///< as the path's Masking says; undefined for none
};

/// One call of a layer, (batch, seq_len, embed_dim) in and out.
using PaddedLayer = std::function<at::Tensor(const PaddedBatch&)>;

/// The layer of one configuration. The weights outlive it.
using MakePaddedLayer = PaddedLayer (*)(const MhaConfig& config, const Weights& weights);

/// A path on a padded batch: what it reads, how another batch gets there, in fixed memory for a
/// graph, and where its tokens lie in an output. It runs every configuration, but that without a
/// mask preparing and packing throw Unsupported where a batch has padding.
Path padded_path(std::string name, std::string summary, Masking masking, MakePaddedLayer layer);

/// The additive form of a key padding mask that both nn.MultiheadAttention and
/// F.multi_head_attention_forward make first (torch/nn/functional.py, _canonical_mask): 0 where a
/// key counts, -inf where it is padding.
at::Tensor additive_mask(const at::Tensor& key_padding_mask, at::ScalarType dtype);

}  // namespace mhabench
