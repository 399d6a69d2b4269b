#include "mhabench/paths/padded.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/devices.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

class PaddedOnDevice : public DeviceTest {};

TEST_P(PaddedOnDevice, IgnoresWhatStandsInThePadding) {
  const c10::InferenceMode inference;
  for (const Path& path : path_table()) {
    if (path.executes != Executes::padded || path.name == "fast_dense") continue;
    SCOPED_TRACE(path.name);
    const Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, GetParam());
    const Readiness ready = make_ready(path, c, GetParam());
    if (!ready.call) {
      EXPECT_TRUE(path.name.ends_with("_graph")) << ready.reason;
      continue;
    }
    const PreparedCall& call = *ready.call;
    EXPECT_EQ(call.run().sizes(), (at::IntArrayRef{3, 9, 64}));
    const at::Tensor before = call.to_packed(call.run()).clone();
    at::Tensor padded = c.inputs.padded;
    padded.masked_fill_(c.inputs.key_padding_mask.unsqueeze(-1), 3.0);
    call.pack(padded, c.inputs.lengths);
    const at::Tensor after = call.to_packed(call.run());
    EXPECT_TRUE(GetParam().is_cpu() ? at::equal(after, before) : at::allclose(after, before));
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, PaddedOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
