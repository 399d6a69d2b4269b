#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/paths/path_table.h"
#include "support/devices.h"
#include "support/errors.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

class FrontendOnDevice : public DeviceTest {};

// The reason that skips these rows is LibTorch's, which may change its mind.
TEST_P(FrontendOnDevice, OtherDtypesThanFp32AreSkippedForWhatLibTorchThrows) {
  const c10::InferenceMode inference;
  for (const Dtype dtype : {Dtype::fp16, Dtype::bf16}) {
    const Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, dtype, GetParam());
    const std::string thrown = message_of<c10::Error>([&] {
      return frontend_mha(c.inputs.padded, c.inputs.key_padding_mask, c.weights, c.config.heads);
    });
    const std::string name = dtype == Dtype::fp16 ? "'Half'" : "'BFloat16'";
    EXPECT_NE(thrown.find("masked_fill\" not implemented for " + name), std::string::npos)
        << thrown;
    EXPECT_EQ(make_ready(frontend_path(), c, GetParam()).reason,
              "LibTorch throws: masked_fill not implemented for " + name);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, FrontendOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
