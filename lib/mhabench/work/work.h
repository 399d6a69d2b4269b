#pragma once

#include <cstdint>

#include "mhabench/config/config.h"

namespace mhabench {

/// What a batch's lengths add up to: all that the work of a layer depends on beside its shape.
struct LengthSums {
  double tokens = 0;      ///< T, the sum of the lengths
  double sum_len_sq = 0;  ///< the sum of their squares
};

/// One of a layer's three stages.
struct StageWork {
  double flops = 0;         ///< of its matrix products, a multiplication and an addition being two
  double bytes = 0;         ///< that it reads and writes at least, each tensor once
  double exponentials = 0;  ///< of the softmax
};

/// A layer as three stages, each of which leaves its result in memory for the next.
struct LayerWork {
  StageWork in_projection, attention, out_projection;

  double flops() const { return in_projection.flops + attention.flops + out_projection.flops; }
};

/// The work that the tokens need, padding left out. With E = embed_dim, H = heads, d = E / H,
/// s bytes an element and l the lengths:
///
/// in-projection   (T, E) by (E, 3E): 2 * T * E * 3E = 6TE^2 FLOPs. Reads TE elements of input and
///                 3E^2 of weights, writes 3TE: s(4TE + 3E^2) bytes
/// attention       a sequence and head: scores 2 * l * l * d FLOPs, their product with v as many,
///                 l * l exponentials. In all 4E sum(l^2) FLOPs and H sum(l^2) exponentials. Reads
///                 3TE elements, writes TE, scores stay on the chip: 4sTE bytes
/// out-projection  (T, E) by (E, E): 2TE^2 FLOPs. Reads TE and E^2, writes TE: s(2TE + E^2) bytes
///
/// Together 8TE^2 + 4E sum(l^2) FLOPs. Biases, scaling, the softmax's sums and divisions are left
/// out: they are of lower order.
LayerWork useful_work(const MhaConfig& config, const LengthSums& lengths);

/// Distinct bytes that a call touches at least: input, q, k and v, attention's output, output, and
/// both weights, s(6TE + 4E^2). Where that fits into the L2 a repeated call need not read memory.
double working_set_bytes(const MhaConfig& config, const LengthSums& lengths);

/// The rows that a CUDA graph on packed tokens has for them: in granules of 256, so that batches of
/// about the same size share a graph.
std::int64_t room_for(std::int64_t tokens);

/// Which positions a path works on.
enum class Executes {
  padded,       ///< all batch * seq_len of the padded batch
  packed,       ///< tokens alone
  packed_room,  ///< the same, but its linear maps run over room_for(tokens) rows
  nested,  ///< tokens alone, but padded for attention where PyTorch's kernel for nested tensors is
           ///< not the fused one, as on the CPU
};

/// FLOPs of a path that works on those positions; `fused` says whether attention ran as one kernel.
/// Padded work is that of batch sequences of seq_len tokens: 8 * B * S * E^2 + 4E * B * S^2.
double executed_flops(const MhaConfig& config, const LengthSums& lengths, Executes executes,
                      bool fused);

}  // namespace mhabench
