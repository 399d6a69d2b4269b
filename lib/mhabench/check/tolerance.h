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
/// most n terms, n = max(embed_dim, seq_len), whose error walks with their length:
/// s = hypot(u, kWalk u32 sqrt(n)). Reference::deviation says what a relative error of one, of all
/// that is rounded before the output, does to each output element in the root mean square.
///
/// The elementwise bound is kDeviations s deviation + u (|y| + |b|), the last for the output's own
/// rounding and for a bias that is added after its product was rounded: the largest of 1e8 normal
/// errors lies near 6 deviations, and a margin of 2 stands for what a root mean square smooths
/// over. The bound of rel_err is kNorms times the norm of the deviations: a norm over many elements
/// scatters far less than they do, but a kernel may round more often than once.
struct Bounds {
  at::Tensor elementwise;  ///< (tokens, embed_dim) fp32
  double relative = 0;     ///< of rel_err
};

/// Unit roundoff of a dtype (round to nearest).
double unit_roundoff(Dtype dtype);

/// The bounds for outputs of `config`, on the reference's device.
Bounds make_bounds(const MhaConfig& config, const Reference& reference);

}  // namespace mhabench
