#include "mhabench/device/nvml.h"

#include <algorithm>
#include <chrono>
#include <dlfcn.h>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "mhabench/device/device.h"
#include "mhabench/device/device_state.h"
#include "support/devices.h"

namespace mhabench {
namespace {

TEST(NvmlTest, WithoutTheLibraryEverythingIsAbsent) {
  if (dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr) {
    GTEST_SKIP() << "this machine has NVIDIA's management library";
  }
  EXPECT_FALSE(nvml::driver_version());
  EXPECT_FALSE(nvml::power_limit_watts("0000:00:00.0"));
  EXPECT_FALSE(nvml::Gpu("0000:00:00.0").known());
  EXPECT_FALSE(nvml::library().nvmlDeviceGetClockInfo);
}

TEST(NvmlTest, AnAddressWithoutAGpuHasNoPowerLimit) {
  EXPECT_FALSE(nvml::power_limit_watts("ffff:ff:1f.0"));
  EXPECT_FALSE(nvml::power_limit_watts("no address"));
}

TEST(NvmlTest, TheDriversVersionIsDigitsAndDots) {
  if (const auto reason = test::cannot_use(test::all_devices().back())) GTEST_SKIP() << *reason;
  const auto version = nvml::driver_version();
  if (!version) GTEST_SKIP() << "NVIDIA's management library cannot be used here";
  EXPECT_TRUE(std::regex_match(*version, std::regex("[0-9]+(\\.[0-9]+)+"))) << *version;
}

TEST(NvmlTest, TheGpusPowerLimitIsSoManyWatts) {
  const c10::Device cuda = test::all_devices().back();
  if (const auto reason = test::cannot_use(cuda)) GTEST_SKIP() << *reason;
  const auto watts = describe(cuda).power_limit_watts;
  if (!watts) GTEST_SKIP() << "NVIDIA's management library does not tell the power limit here";
  EXPECT_GT(*watts, 10);
  EXPECT_LT(*watts, 5000);
}

// What a GPU tells differs from one to the next; what it tells must be in its unit.
TEST(NvmlTest, TheGpusStateIsPlausible) {
  const c10::Device cuda = test::all_devices().back();
  if (const auto reason = test::cannot_use(cuda)) GTEST_SKIP() << *reason;
  const nvml::Gpu gpu(describe(cuda).uuid.value());
  if (!gpu.known()) GTEST_SKIP() << "NVIDIA's management library does not know the GPU here";
  const DeviceState state = read_state(gpu);
  EXPECT_GT(state.clocks.sm_mhz.value_or(1000), 100);
  EXPECT_LT(state.clocks.sm_mhz.value_or(1000), 5000);
  EXPECT_GT(state.temperature_celsius.value_or(40), 0);
  EXPECT_LT(state.temperature_celsius.value_or(40), 120);
  EXPECT_GT(state.power_watts.value_or(100), 1);
  EXPECT_LT(state.power_watts.value_or(100), 5000);
  EXPECT_EQ(state.power_limit_watts, describe(cuda).power_limit_watts);
}

// It is read twice a row.
TEST(NvmlTest, TheGpusClocksAreReadInLessThanAMillisecond) {
  const c10::Device cuda = test::all_devices().back();
  if (const auto reason = test::cannot_use(cuda)) GTEST_SKIP() << *reason;
  const nvml::Gpu gpu(describe(cuda).uuid.value());
  if (!gpu.known()) GTEST_SKIP() << "NVIDIA's management library does not know the GPU here";
  auto shortest = std::chrono::nanoseconds::max();
  ClockState before = read_clocks(gpu);
  for (int i = 0; i < 20; ++i) {
    const ClockState after = read_clocks(gpu);
    shortest = std::min<std::chrono::nanoseconds>(shortest, after.at - before.at);
    before = after;
  }
  EXPECT_LT(shortest, std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace mhabench
