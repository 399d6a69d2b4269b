#include "mhabench/paths/fast.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/devices.h"
#include "support/python_torch.h"

namespace mhabench::test {
namespace {

class FastOnDevice : public DeviceTest {};

// nn.MultiheadAttention reaches the very same operator, so every bit agrees.
TEST_P(FastOnDevice, EqualsPython) {
  if (const auto reason = no_python_torch()) GTEST_SKIP() << *reason;
  const c10::InferenceMode inference;
  for (const PythonOutputs& python :
       ask_python(python_batches(), python_dtypes(GetParam()), GetParam())) {
    const Case& c = python.case_;
    const PreparedCall call = fast_path().prepare(c.config, c.inputs, c.weights);
    EXPECT_TRUE(at::equal(call.to_packed(call.run()), python.fast)) << python.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, FastOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

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
