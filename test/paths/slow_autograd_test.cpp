#include "mhabench/paths/slow_autograd.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/paths/slow.h"
#include "support/devices.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

const Batch kRagged{"ragged", {9, 4, 7}, 64, 4};

class SlowAutogradOnDevice : public DeviceTest {};

// Tensors made in inference mode cannot be kept for a backward pass: the parameters' aliases can.
TEST_P(SlowAutogradOnDevice, RecordsWhatABackwardPassNeeds) {
  const c10::InferenceMode inference;
  const Case c = make_case(kRagged, Dtype::fp32, GetParam());
  const c10::InferenceMode recording(false);
  const Weights parameters = as_parameters(c.weights);
  const at::Tensor output = slow_mha(c.inputs.padded.clone(), c.inputs.key_padding_mask.clone(),
                                     parameters, c.config.heads);
  ASSERT_TRUE(output.requires_grad());
  output.sum().backward();
  EXPECT_TRUE(parameters.in_proj_weight.grad().defined());
  EXPECT_GT(parameters.out_proj_weight.grad().abs().sum().item<double>(), 0);
  EXPECT_EQ(parameters.in_proj_weight.data_ptr(), c.weights.in_proj_weight.data_ptr());
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
