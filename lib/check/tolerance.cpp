#include "mhabench/check/tolerance.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace mhabench {
namespace {

// Set by the largest right errors seen on the CPU (fp32, fp16, bf16; widths 64 to 1024, lengths 1
// to 2048): tolerance_test prints how near each dtype comes, and fails above half of a bound.
constexpr double kWalk = 0.65;
constexpr double kShared = 0.09;
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
  const double single = std::hypot(u, kWalk * unit_roundoff(Dtype::fp32) * std::sqrt(longest_sum));
  const double width = std::sqrt(static_cast<double>(config.embed_dim));

  const at::Tensor carried =
      at::hypot(reference.attention_norms * single,
                (reference.value_norm * (kShared * u)).expand_as(reference.attention_norms)) /
      width;
  // The deviations are the outer product of these two, which tell its largest element and its norm.
  const at::Tensor& handed_by = reference.weight_norms;
  const at::Tensor figures = at::stack({carried.max() * handed_by.max(),
                                        carried.norm() * handed_by.norm(), reference.output_norm})
                                 .cpu();
  const auto* const figure = figures.const_data_ptr<double>();
  const double handed_on = figure[1];
  const double norm = figure[2];

  Bounds bounds;
  bounds.elementwise = at::outer((carried * kDeviations).to(at::kFloat), handed_by.to(at::kFloat))
                           .add_(reference.output.to(at::kFloat).abs_(), u);
  bounds.absolute = kDeviations * figure[0];
  bounds.relative = kNorms * std::hypot(u * norm / std::sqrt(3.0), handed_on) / norm;
  return bounds;
}

}  // namespace mhabench
