#include "mhabench/paths/padded_sdpa.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/batches.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

class PaddedSdpaOnDevice : public DeviceTest {};

TEST_P(PaddedSdpaOnDevice, IgnoresWhatStandsInThePadding) {
  const c10::InferenceMode inference;
  Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, GetParam());
  const PreparedCall call = padded_sdpa_path().prepare(c.config, c.inputs, c.weights);
  EXPECT_EQ(call.run().sizes(), (at::IntArrayRef{3, 9, 64}));
  const at::Tensor before = call.to_packed(call.run());
  c.inputs.padded.masked_fill_(c.inputs.key_padding_mask.unsqueeze(-1), 3.0);
  EXPECT_TRUE(at::allclose(call.to_packed(call.run()), before));
}

INSTANTIATE_TEST_SUITE_P(Devices, PaddedSdpaOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
