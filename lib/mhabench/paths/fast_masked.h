#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// nn.MultiheadAttention's fast path on a padded batch with a key padding mask. With a mask the
/// native layer runs its older, unfused code: scores of every pair of positions, a masked softmax,
/// and matrix products around it. nn.MultiheadAttention hands it an additive mask, which the native
/// layer makes bool again.
at::Tensor fast_masked_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                           const Weights& weights, std::int64_t heads);

/// fast_masked_mha as a path.
Path fast_masked_path();

}  // namespace mhabench
