#include "mhabench/paths/slow.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/devices.h"
#include "support/python_torch.h"

namespace mhabench::test {
namespace {

class SlowOnDevice : public DeviceTest {};

// The same operations in the same order, down to the last bit, on the same machine.
TEST_P(SlowOnDevice, EqualsPython) {
  if (const auto reason = no_python_torch()) GTEST_SKIP() << *reason;
  const c10::InferenceMode inference;
  for (const PythonOutputs& python :
       ask_python(python_batches(), python_dtypes(GetParam()), GetParam())) {
    const Case& c = python.case_;
    const PreparedCall call = slow_path().prepare(c.config, c.inputs, c.weights);
    EXPECT_TRUE(at::equal(call.to_packed(call.run()), python.slow)) << python.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, SlowOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

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
