#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

#include "mhabench/check/reference.h"
#include "mhabench/check/tolerance.h"

namespace mhabench {

/// The element of an output that comes nearest to its bound, or goes farthest beyond it.
struct WorstElement {
  std::int64_t token = 0;    ///< row of the packed output
  std::int64_t feature = 0;  ///< column
  double error = 0;          ///< |output - reference|
  double bound = 0;          ///< its own
};

/// What the check found. The errors are absent where the output holds NaN or inf.
struct Verdict {
  bool correct = false;
  std::int64_t nonfinite = 0;         ///< elements that are NaN or inf
  std::optional<double> max_abs_err;  ///< largest |output - reference|
  std::optional<double> rel_err;      ///< norm of the difference over norm of the reference
  std::optional<WorstElement> worst;
  double rel_bound = 0;  ///< of rel_err
};

/// Holds a call's output, (tokens, embed_dim) in any floating dtype, against the reference. Correct
/// means: finite everywhere, each element within its bound, rel_err within its own. Synchronises.
/// Throws c10::Error where the shape is another one.
Verdict check_output(const at::Tensor& output, const Reference& reference, const Bounds& bounds);

/// The script's question, kept apart from correctness: |a - b| <= 1e-3 + 1e-3 |b| everywhere, for
/// outputs of fast (a) and slow (b) as (tokens, embed_dim). NaN never agrees. Synchronises.
bool outputs_agree(const at::Tensor& a, const at::Tensor& b);

}  // namespace mhabench
