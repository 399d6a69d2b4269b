#include <algorithm>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/paths/path_table.h"
#include "support/batches.h"
#include "support/operators.h"

namespace mhabench::test {
namespace {

std::int64_t count(const std::vector<std::string>& operators, const std::string& name) {
  return std::ranges::count(operators, name);
}

// A product of seq_len matrices where slow makes one: the in-projection's input is transposed.
TEST(SlowFrozen, MakesABatchedProductOfTheInProjection) {
  const c10::InferenceMode inference;
  const Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, at::kCPU);
  const auto frozen_operators =
      operators_of(slow_frozen_path().prepare(c.config, c.inputs, c.weights).run);
  const auto operators = operators_of(slow_path().prepare(c.config, c.inputs, c.weights).run);
  EXPECT_EQ(count(frozen_operators, "aten::bmm"), count(operators, "aten::bmm") + 1);
  EXPECT_EQ(count(frozen_operators, "aten::mm"), 0);
  EXPECT_EQ(count(operators, "aten::mm"), 1);
}

}  // namespace
}  // namespace mhabench::test
