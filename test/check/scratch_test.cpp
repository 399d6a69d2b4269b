#include "mhabench/check/scratch.h"

#include <cstdint>
#include <optional>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "mhabench/device/device.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

at::Tensor in_scratch(ScratchMemory& scratch, c10::Device device, std::int64_t bytes = 1 << 20) {
  const ScratchMemory::Scope scope(scratch);
  return at::ones({bytes}, at::TensorOptions().device(device).dtype(at::kByte));
}

class ScratchOnDevice : public DeviceTest {};

TEST_P(ScratchOnDevice, WhatItHoldsOutlivesTheScopeAndARelease) {
  ScratchMemory scratch(GetParam());
  const at::Tensor before = in_scratch(scratch, GetParam());
  scratch.release();
  const at::Tensor after = in_scratch(scratch, GetParam()) * 2;
  EXPECT_TRUE(before.eq(1).all().item<bool>());
  EXPECT_TRUE(after.eq(2).all().item<bool>());
}

TEST(ScratchOnGpu, ReleaseGivesBackWhatNothingLiesIn) {
  const c10::Device gpu(c10::kCUDA, 0);
  if (const auto reason = cannot_use(gpu)) GTEST_SKIP() << *reason;
  constexpr std::int64_t kBytes = 512 << 20;
  ScratchMemory scratch(gpu);
  std::optional<at::Tensor> held = in_scratch(scratch, gpu, kBytes);
  const auto free_with_it = static_cast<std::int64_t>(free_memory(gpu));
  scratch.release();
  EXPECT_LT(static_cast<std::int64_t>(free_memory(gpu)), free_with_it + kBytes / 2);
  held.reset();
  in_scratch(scratch, gpu, kBytes);
  scratch.release();
  EXPECT_GT(static_cast<std::int64_t>(free_memory(gpu)), free_with_it + kBytes / 2);
}

INSTANTIATE_TEST_SUITE_P(Devices, ScratchOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
