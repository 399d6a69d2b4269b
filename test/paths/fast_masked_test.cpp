#include "mhabench/paths/fast_masked.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/batches.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

class FastMaskedOnDevice : public DeviceTest {};

TEST_P(FastMaskedOnDevice, IgnoresWhatStandsInThePadding) {
  const c10::InferenceMode inference;
  Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, GetParam());
  const PreparedCall call = fast_masked_path().prepare(c.config, c.inputs, c.weights);
  EXPECT_EQ(call.run().sizes(), (at::IntArrayRef{3, 9, 64}));
  const at::Tensor before = call.to_packed(call.run());
  c.inputs.padded.masked_fill_(c.inputs.key_padding_mask.unsqueeze(-1), 3.0);
  EXPECT_TRUE(at::allclose(call.to_packed(call.run()), before));
}

INSTANTIATE_TEST_SUITE_P(Devices, FastMaskedOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

// PyTorch's own kernel reads out of bounds there; that of the CPU does not.
TEST(FastMasked, RefusesMoreScoresThanItsSoftmaxCanIndex) {
  const c10::Device gpu(c10::kCUDA, 0);
  const auto refuses = [](std::int64_t batch, c10::Device device) {
    return fast_masked_path().unsupported({Dtype::fp16, batch, 2048, 512, 8, {}}, device);
  };
  EXPECT_FALSE(refuses(64, gpu)) << "2^31 scores, the last of which is 2^31 - 1";
  EXPECT_FALSE(refuses(65, c10::kCPU));
  ASSERT_TRUE(refuses(65, gpu));
  EXPECT_NE(refuses(65, gpu)->find("2^31 scores"), std::string::npos);
}

}  // namespace
}  // namespace mhabench::test
