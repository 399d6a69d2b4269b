#include "mhabench/check/tolerance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ATen.h>

namespace mhabench {
namespace {

// Set by the largest right errors seen on the CPU (fp32, fp16, bf16; widths 64 to 1024, lengths 1
// to 2048): tolerance_test prints how near each dtype comes, and fails above half of a bound.
constexpr double kWalk = 0.5;
constexpr double kDeviations = 13;
constexpr double kNorms = 3.5;

}  // namespace

double unit_roundoff(Dtype dtype) {
  switch (dtype) {
    case Dtype::fp32:
      return 0x1p-24;
    case Dtype::fp16:
      return 0x1p-11;
    case Dtype::bf16:
      return 0x1p-8;
  }
  return 0;
}

Bounds make_bounds(const MhaConfig& config, const Reference& reference) {
  const double u = unit_roundoff(config.dtype);
  const auto longest_sum = static_cast<double>(std::max(config.embed_dim, config.seq_len));
  const double s = std::hypot(u, kWalk * unit_roundoff(Dtype::fp32) * std::sqrt(longest_sum));
  const at::Tensor bias = reference.out_bias.abs();
  const at::Tensor figures =
      at::stack({at::linalg_vector_norm(reference.deviation, 2, std::nullopt, false, at::kDouble),
                 reference.output_norm, bias.norm()})
          .cpu();
  const auto* const figure = figures.const_data_ptr<double>();
  const auto tokens = static_cast<double>(reference.output.size(0));
  const double rounded = std::hypot(figure[1], figure[2] * std::sqrt(tokens));

  Bounds bounds;
  bounds.elementwise = (reference.output.abs().add_(bias) * u).to(at::kFloat);
  // Above zero, for what is held against it is divided by it.
  bounds.elementwise.add_(reference.deviation, kDeviations * s)
      .clamp_min_(std::numeric_limits<float>::min());
  bounds.relative = kNorms * std::hypot(u * rounded / std::sqrt(3.0), s * figure[0]) / figure[1];
  return bounds;
}

}  // namespace mhabench
