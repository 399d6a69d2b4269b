#pragma once

#include <string>

#include "mhabench/paths/path.h"

namespace mhabench {

/// The mask of a padded batch: none, for a path that only takes batches without padding;
/// key_padding, (batch, seq_len) bool, true where padding is; attend, (batch, 1, 1, seq_len) bool,
/// true where a token is, as scaled_dot_product_attention takes it.
enum class Masking { none, key_padding, attend };

/// One call of a layer, (batch, seq_len, embed_dim) in and out; the mask is undefined for
/// Masking::none.
using PaddedLayer = at::Tensor (*)(const at::Tensor& padded, const at::Tensor& mask,
                                   const Weights& weights, std::int64_t heads);

/// A path on a padded batch: what it reads, how another batch gets there, in fixed memory for a
/// graph, and where its tokens lie in an output. Its calls share the weights' tensors, so only
/// those need to outlive them. It runs every configuration; without a mask, preparing and packing
/// throw Unsupported for a batch that has padding.
Path padded_path(std::string name, std::string summary, Masking masking, PaddedLayer layer);

/// The additive form of a key padding mask that both nn.MultiheadAttention and
/// F.multi_head_attention_forward make first (torch/nn/functional.py, _canonical_mask): 0 where a
/// key counts, -inf where it is padding.
at::Tensor additive_mask(const at::Tensor& key_padding_mask, at::ScalarType dtype);

}  // namespace mhabench
