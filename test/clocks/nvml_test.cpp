#include "mhabench/clocks/nvml.h"

#include <dlfcn.h>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "mhabench/clocks/device.h"
#include "support/devices.h"

namespace mhabench {
namespace {

TEST(NvmlTest, WithoutTheLibraryEverythingIsAbsent) {
  if (dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr) {
    GTEST_SKIP() << "this machine has NVIDIA's management library";
  }
  EXPECT_FALSE(nvml::driver_version());
  EXPECT_FALSE(nvml::power_limit_watts("0000:00:00.0"));
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

}  // namespace
}  // namespace mhabench
