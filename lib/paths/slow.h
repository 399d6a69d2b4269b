#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// F.multi_head_attention_forward on a padded batch with a key padding mask and need_weights=False:
/// the operations of PyTorch 2.11's torch/nn/functional.py, in their order, as
/// nn.MultiheadAttention(batch_first=True) calls it. `padded` is (batch, seq_len, embed_dim), and
/// so is the result; the mask is Inputs::key_padding_mask.
at::Tensor slow_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                    const Weights& weights, std::int64_t heads);

/// slow_mha as a path.
Path slow_path();

}  // namespace mhabench
