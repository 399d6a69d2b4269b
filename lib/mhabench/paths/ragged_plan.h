#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "mhabench/config/config.h"
#include "mhabench/paths/packing.h"

namespace mhabench {

/// What one plan of cuDNN's ragged attention is built for. Lengths are no part of it.
struct RaggedShape {
  std::int64_t device = 0;
  Dtype dtype = Dtype::fp16;
  std::int64_t batch = 0, seq_len = 0, heads = 0, head_dim = 0;

  friend auto operator<=>(const RaggedShape&, const RaggedShape&) = default;
};

/// cuDNN's attention over packed projections, built by cudnn-frontend for one shape.
class RaggedPlan {
 public:
  virtual ~RaggedPlan() = default;

  /// Attention over `qkv` (rows, 3, heads, head_dim), contiguous, (rows, heads * head_dim). Lengths
  /// come from the tables alone, on the device. Enqueued on the current stream. Throws c10::Error.
  virtual at::Tensor run(const at::Tensor& qkv, const LengthTables& tables) = 0;
};

/// Why there are no such plans in this build; absent where there are.
std::optional<std::string> no_ragged_plans();

/// The plan for a shape, built the first time (some 50 ms) and kept for the process. Throws
/// Unsupported, with cuDNN's reason, where it has none.
std::shared_ptr<RaggedPlan> ragged_plan(const RaggedShape& shape);

}  // namespace mhabench
