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

class NvmlOnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::cannot_use(kGpu)) GTEST_SKIP() << *reason;
    info_ = describe(kGpu);
    gpu_ = nvml::Gpu(info_.uuid.value());
    if (!gpu_.known()) GTEST_SKIP() << "NVIDIA's management library does not know the GPU here";
  }

  static inline const c10::Device kGpu{c10::kCUDA, 0};

  DeviceInfo info_;
  nvml::Gpu gpu_;
};

TEST_F(NvmlOnGpu, TheDriversVersionIsDigitsAndDots) {
  const auto version = nvml::driver_version();
  ASSERT_TRUE(version);
  EXPECT_TRUE(std::regex_match(*version, std::regex("[0-9]+(\\.[0-9]+)+"))) << *version;
}

TEST_F(NvmlOnGpu, ThePowerLimitIsSoManyWatts) {
  if (!info_.power_limit_watts) GTEST_SKIP() << "the power limit is not known here";
  EXPECT_GT(*info_.power_limit_watts, 10);
  EXPECT_LT(*info_.power_limit_watts, 5000);
}

// What a GPU tells differs from one to the next; what it tells must be in its unit.
TEST_F(NvmlOnGpu, TheStateIsPlausible) {
  const DeviceState state = read_state(gpu_);
  EXPECT_GT(state.clocks.sm_mhz.value_or(1000), 100);
  EXPECT_LT(state.clocks.sm_mhz.value_or(1000), 5000);
  EXPECT_GT(state.temperature_celsius.value_or(40), 0);
  EXPECT_LT(state.temperature_celsius.value_or(40), 120);
  EXPECT_GT(state.power_watts.value_or(100), 1);
  EXPECT_LT(state.power_watts.value_or(100), 5000);
  EXPECT_EQ(state.power_limit_watts, info_.power_limit_watts);
}

// They are read twice a row.
TEST_F(NvmlOnGpu, TheClocksAreReadInLessThanAMillisecond) {
  auto shortest = std::chrono::nanoseconds::max();
  ClockState before = read_clocks(gpu_);
  for (int i = 0; i < 20; ++i) {
    const ClockState after = read_clocks(gpu_);
    shortest = std::min<std::chrono::nanoseconds>(shortest, after.at - before.at);
    before = after;
  }
  EXPECT_LT(shortest, std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace mhabench
