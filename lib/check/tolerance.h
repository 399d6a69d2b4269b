#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "mhabench/check/reference.h"
#include "mhabench/config/config.h"

namespace mhabench {

/// How far a right output may lie from the reference. It follows from the arithmetic.
///
/// A path rounds to its dtype (unit roundoff u: 2^-24 fp32, 2^-11 fp16, 2^-8 bf16) what the
/// in-projection, the attention and the out-projection give, and sums in fp32 (u32 = 2^-24) over at
/// most n terms, n = max(embed_dim, seq_len). To output element (t, j), the out-projection's row
/// w_j applied to what attention made of token t, o_t, these hand on, as root mean squares:
///  - roundings of single values (o, the softmax's weights, v averaged with them): each is
///    independent, so it grows with the norms alone: u |w_j| |o_t| / sqrt(embed_dim);
///  - fp32 sums, whose error walks with their length: kWalk u32 sqrt(n) in the place of u;
///  - a bias that is added after its product was rounded: that rounding is the same for all keys of
///    a feature and does not average out as o does; a share kShared of u |v|, v the values' norm.
/// The elementwise bound is kDeviations such deviations, plus u |y| for the output's own rounding:
/// the largest of 1e8 normal errors lies near 6 deviations, and a margin of 2 stands for what the
/// norms smooth over. The bound of rel_err is kNorms times the norm of the deviations: a norm over
/// many elements scatters far less than they do, but a kernel may round more often than once.
struct Bounds {
  at::Tensor elementwise;  ///< (tokens, embed_dim) fp32
  double absolute = 0;     ///< largest part of `elementwise` that does not scale with the element
  double relative = 0;     ///< of rel_err
};

/// Unit roundoff of a dtype (round to nearest).
double unit_roundoff(Dtype dtype);

/// The bounds for outputs of `config`, on the reference's device.
Bounds make_bounds(const MhaConfig& config, const Reference& reference);

}  // namespace mhabench
