#include "mhabench/paths/slow.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/batches.h"

namespace mhabench::test {
namespace {

TEST(Slow, IgnoresWhatStandsInThePadding) {
  const c10::InferenceMode inference;
  Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, at::kCPU);
  const PreparedCall call = slow_path().prepare(c.config, c.inputs, c.weights);
  const at::Tensor before = call.to_packed(call.run());
  c.inputs.padded.masked_fill_(c.inputs.key_padding_mask.unsqueeze(-1), 3.0);
  EXPECT_TRUE(at::equal(call.to_packed(call.run()), before));
}

TEST(Slow, GivesThePaddedShape) {
  const c10::InferenceMode inference;
  const Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, at::kCPU);
  const PreparedCall call = slow_path().prepare(c.config, c.inputs, c.weights);
  EXPECT_EQ(call.run().sizes(), (at::IntArrayRef{3, 9, 64}));
}

}  // namespace
}  // namespace mhabench::test
