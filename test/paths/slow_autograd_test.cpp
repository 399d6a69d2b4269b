#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/paths/path_table.h"
#include "support/devices.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

const Batch kRagged{"ragged", {9, 4, 7}, 64, 4};

class SlowAutogradOnDevice : public DeviceTest {};

TEST_P(SlowAutogradOnDevice, RecordsWhatABackwardPassNeeds) {
  const c10::InferenceMode inference;
  const Case c = make_case(kRagged, Dtype::fp32, GetParam());
  const c10::InferenceMode recording(false);
  const at::Tensor output =
      slow_mha(c.inputs.padded, c.inputs.key_padding_mask, c.weights, c.config.heads);
  ASSERT_TRUE(output.requires_grad());
  output.sum().backward();
  EXPECT_TRUE(c.weights.in_proj_weight.grad().defined());
  EXPECT_GT(c.weights.out_proj_weight.grad().abs().sum().item<double>(), 0);
}

TEST_P(SlowAutogradOnDevice, GivesWhatSlowGivesDetached) {
  const c10::InferenceMode inference;
  for (const Dtype dtype : all_dtypes()) {
    const Case c = make_case(kRagged, dtype, GetParam());
    const PreparedCall slow = slow_path().prepare(c.config, c.inputs, c.weights);
    const PreparedCall call = slow_autograd_path().prepare(c.config, c.inputs, c.weights);
    const at::Tensor output = call.run();
    EXPECT_FALSE(output.requires_grad());
    EXPECT_TRUE(at::allclose(call.to_packed(output).to(at::kDouble),
                             slow.to_packed(slow.run()).to(at::kDouble), 1e-2, 1e-2));
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, SlowAutogradOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
