#pragma once

#include "mhabench/paths/padded.h"

namespace mhabench {

/// F.multi_head_attention_forward on a padded batch with a key padding mask and need_weights=False:
/// the operators of torch/nn/functional.py of the PyTorch that this is built on (2.11 to 2.15), in
/// their order, as nn.MultiheadAttention(batch_first=True) calls it. `padded` is (batch, seq_len,
/// embed_dim), and so is the result; the mask is Inputs::key_padding_mask.
at::Tensor slow_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                    const Weights& weights, std::int64_t heads);

/// slow_mha in inference mode with ordinary parameters, whose in-projection at::linear makes one
/// product.
Path slow_path();

/// A path whose layer is slow_mha with the weights that are given.
Path slow_path_as(std::string name, std::string summary, MakePaddedLayer layer);

}  // namespace mhabench
