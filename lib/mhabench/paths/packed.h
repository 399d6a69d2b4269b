#pragma once

#include <functional>

#include "mhabench/paths/packing.h"
#include "mhabench/paths/path.h"

namespace mhabench {

/// Packed tokens with the lengths that divide them, as varlen attention takes them.
struct PackedBatch {
  at::Tensor tokens;  ///< (rows, embed_dim): tables.tokens() tokens, then room that does not count
  LengthTables tables;  ///< of the lengths, on the device
  std::vector<std::int64_t> lengths;
  std::int64_t longest = 0;  ///< no length is above it
};

/// Attention over packed projections `qkv` (rows, 3, heads, head_dim): for each token what
/// attention makes of it, (rows, embed_dim). Rows that do not count may hold anything.
using VarlenAttention = std::function<at::Tensor(const at::Tensor& qkv, const PackedBatch& batch)>;

/// The layer on packed tokens: a linear map, the attention, a linear map.
PreparedCall prepare_packed(const MhaConfig& config, const Inputs& inputs, const Weights& weights,
                            VarlenAttention attention);

/// The same for a graph that takes the next batch: tokens lie in a buffer of room_for() rows,
/// which the linear maps all work on, `longest` is seq_len, and pack() writes tokens and tables in
/// place.
PreparedCall prepare_packed_fixed(const MhaConfig& config, const Inputs& inputs,
                                  const Weights& weights, VarlenAttention attention);

}  // namespace mhabench
