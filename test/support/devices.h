#pragma once

#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <gtest/gtest.h>

namespace mhabench::test {

/// Every kind of device, for value-parameterized tests. CUDA is listed on every machine: where no
/// GPU can be used its tests are skipped with the reason, and a report shows what was not tested.
const std::vector<c10::Device>& all_devices();

/// Why the device cannot be used here; absent where it can.
std::optional<std::string> cannot_use(c10::Device device);

/// "cpu", "cuda".
std::string kind_name(c10::Device device);

/// The name of a test on one of all_devices().
inline constexpr auto device_test_name = [](const ::testing::TestParamInfo<c10::Device>& info) {
  return kind_name(info.param);
};

/// Base of fixtures whose tests run on each of all_devices(); GetParam() is the device.
///
///     using ClockTest = test::DeviceTest;
///     TEST_P(ClockTest, Counts) { ... GetParam() ... }
///     INSTANTIATE_TEST_SUITE_P(Devices, ClockTest, ::testing::ValuesIn(test::all_devices()),
///                              test::device_test_name);
class DeviceTest : public ::testing::TestWithParam<c10::Device> {
 protected:
  void SetUp() override {
    if (const auto reason = cannot_use(GetParam())) GTEST_SKIP() << *reason;
  }
};

}  // namespace mhabench::test
