#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// nn.MultiheadAttention's fast path on a dense batch, (batch, seq_len, embed_dim). Without a mask
/// every position counts, so that it is right for batches alone whose lengths are all seq_len; its
/// attention is fused then. Others are skipped.
Path fast_dense_path();

}  // namespace mhabench
