#pragma once

#include "mhabench/paths/padded.h"

namespace mhabench {

/// What people who pad write themselves: a linear map, views, scaled_dot_product_attention with a
/// mask, a linear map. `padded` is (batch, seq_len, embed_dim), and so is the result; `attend` is
/// (batch, 1, 1, seq_len) bool, true where a token is. In Python:
///
///     q, k, v = linear(x, w, b).view(B, S, 3, H, D).permute(2, 0, 3, 1, 4).unbind()
///     y = scaled_dot_product_attention(q, k, v, attn_mask=attend)
///     linear(y.transpose(1, 2).reshape(B, S, E), w_out, b_out)
at::Tensor padded_sdpa_mha(const at::Tensor& padded, const at::Tensor& attend,
                           const Weights& weights, std::int64_t heads);

/// padded_sdpa_mha as a path.
Path padded_sdpa_path();

}  // namespace mhabench
