#include "mhabench/check/verdict.h"

#include <cmath>
#include <limits>

#include <ATen/ATen.h>

namespace mhabench {

Verdict check_output(const at::Tensor& output, const Reference& reference, const Bounds& bounds) {
  TORCH_CHECK(output.sizes() == reference.output.sizes(), "the output is ", output.sizes(),
              " and should be ", reference.output.sizes());
  constexpr double kLargest = std::numeric_limits<double>::infinity();  // the norm of that order
  // One kernel takes the difference, whatever the output's dtype; one copy brings all figures back.
  const at::Tensor error = at::sub(reference.output, output).abs_();
  const at::Tensor worst = at::div(error, bounds.elementwise).argmax().view({1});
  const auto at_worst = [&](const at::Tensor& t) {
    return t.flatten().index_select(0, worst).squeeze(0).to(at::kDouble);
  };
  const at::Tensor figures =
      at::stack({at::linalg_vector_norm(error, kLargest), error.norm(), reference.output_norm,
                 at_worst(error), at_worst(bounds.elementwise), worst.squeeze(0).to(at::kDouble)})
          .cpu();
  const auto* const figure = figures.const_data_ptr<double>();

  Verdict verdict;
  verdict.rel_bound = bounds.relative;
  if (!std::isfinite(figure[1])) {  // one element that is not is enough for that
    verdict.nonfinite = output.isfinite().logical_not_().sum().item<std::int64_t>();
  }
  if (verdict.nonfinite > 0) return verdict;
  verdict.max_abs_err = figure[0];
  verdict.rel_err = figure[1] / figure[2];
  const auto element = static_cast<std::int64_t>(figure[5]);
  verdict.worst = {element / output.size(1), element % output.size(1), figure[3], figure[4]};
  verdict.correct =
      verdict.worst->error <= verdict.worst->bound && *verdict.rel_err <= bounds.relative;
  return verdict;
}

bool outputs_agree(const at::Tensor& a, const at::Tensor& b) {
  constexpr double kAtol = 1e-3;
  constexpr double kRtol = 1e-3;
  // allclose(x, y) bounds by |y|, as the script's assert_close(actual, expected) does.
  return at::allclose(a.to(at::kFloat), b.to(at::kFloat), kRtol, kAtol);
}

}  // namespace mhabench
