#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/paths/path_table.h"
#include "support/batches.h"

namespace mhabench::test {
namespace {

TEST(Fast, GivesANestedTensorOfTheSameLengths) {
  const c10::InferenceMode inference;
  const Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, at::kCPU);
  const at::Tensor output = fast_path().prepare(c.config, c.inputs, c.weights).run();
  ASSERT_TRUE(output.is_nested());
  const std::vector<at::Tensor> parts = output.unbind();
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].sizes(), (at::IntArrayRef{9, 64}));
  EXPECT_EQ(parts[1].sizes(), (at::IntArrayRef{4, 64}));
  EXPECT_EQ(parts[2].sizes(), (at::IntArrayRef{7, 64}));
}

}  // namespace
}  // namespace mhabench::test
