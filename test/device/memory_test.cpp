#include "mhabench/device/memory.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/devices.h"

namespace mhabench {
namespace {

using MemoryTest = test::DeviceTest;

constexpr std::int64_t kMiB = 1 << 20;

at::Tensor bytes(std::int64_t count, c10::Device device) {
  return at::empty({count}, at::device(device).dtype(at::kByte));
}

TEST_P(MemoryTest, ThePeakIsTheMostAboveTheStart) {
  const at::Tensor before = bytes(8 * kMiB, GetParam());
  const MemoryPeak peak(GetParam());
  const at::Tensor kept = bytes(2 * kMiB, GetParam());
  { const at::Tensor dropped = bytes(4 * kMiB, GetParam()); }
  const at::Tensor smaller = bytes(1 * kMiB, GetParam());
  if (GetParam().is_cpu()) {
    EXPECT_EQ(peak.bytes(), std::nullopt);
    EXPECT_EQ(peak.kept_bytes(), std::nullopt);
  } else {
    EXPECT_EQ(peak.bytes(), 6 * kMiB);
    EXPECT_EQ(peak.kept_bytes(), 3 * kMiB);
  }
}

TEST_P(MemoryTest, APeakBeforeTheStartIsForgotten) {
  { const at::Tensor dropped = bytes(64 * kMiB, GetParam()); }
  const MemoryPeak peak(GetParam());
  EXPECT_EQ(peak.bytes(), GetParam().is_cpu() ? std::nullopt : std::optional<std::int64_t>(0));
}

TEST_P(MemoryTest, WhatIsAllocatedFollowsTheTensors) {
  const std::optional<std::int64_t> before = allocated_bytes(GetParam());
  const at::Tensor kept = bytes(2 * kMiB, GetParam());
  const std::optional<std::int64_t> after = allocated_bytes(GetParam());
  EXPECT_EQ(after.has_value(), GetParam().is_cuda());
  if (after) {
    EXPECT_EQ(*after - before.value(), 2 * kMiB);
  }
}

TEST_P(MemoryTest, WhatIsHandedOutCountsAlsoWhereItIsTakenBack) {
  const std::optional<std::int64_t> before = handed_out_bytes(GetParam());
  { const at::Tensor dropped = bytes(4 * kMiB, GetParam()); }
  { const at::Tensor dropped = bytes(2 * kMiB, GetParam()); }
  const MemoryPeak resets_the_peak(GetParam());
  const std::optional<std::int64_t> after = handed_out_bytes(GetParam());
  EXPECT_EQ(after.has_value(), GetParam().is_cuda());
  if (after) {
    EXPECT_EQ(*after - before.value(), 6 * kMiB);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, MemoryTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

}  // namespace
}  // namespace mhabench
