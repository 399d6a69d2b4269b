#include "mhabench/clocks/host_clock.h"

#include <chrono>
#include <cstdint>
#include <stdexcept>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/devices.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/Sleep.h>
#endif

namespace mhabench {
namespace {

void spin(std::chrono::microseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
  }
}

const c10::Device kGpu(c10::kCUDA, 0);

#if MHABENCH_WITH_CUDA
// At 1 to 4 GHz 2.5 to 10 ms.
constexpr std::int64_t kLongCycles = 10'000'000;
constexpr double kLongUs = 5'000;
#endif

class HostClockOnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::cannot_use(kGpu)) GTEST_SKIP() << *reason;
  }

  at::Tensor ones() const { return at::ones({256}, at::TensorOptions().device(kGpu)); }
};

TEST_F(HostClockOnGpu, TimesTheHostWhileTheGpuIsBusy) {
  const at::Tensor x = ones();
  const HostTime time = time_on_host(
      kGpu,
      [&] {
        spin(std::chrono::microseconds(300));
        return x + 1;
      },
      310);
  EXPECT_FALSE(time.syncs);
  EXPECT_GE(time.us, 300);
  EXPECT_LT(time.us, 600);
}

TEST_F(HostClockOnGpu, AHostThatIsSlowerThanTheSleepIsNotTakenForOneThatWaits) {
  const at::Tensor x = ones();
  const HostTime time = time_on_host(
      kGpu,
      [&] {
        spin(std::chrono::microseconds(1'200));
        return x + 1;
      },
      1'210);
  EXPECT_FALSE(time.syncs);
  EXPECT_GE(time.us, 1'200);
}

TEST_F(HostClockOnGpu, AnEventTimeThatWasTooShortMisleadsItNot) {
  const at::Tensor x = ones();
  const HostTime time = time_on_host(
      kGpu,
      [&] {
        spin(std::chrono::microseconds(400));
        return x + 1;
      },
      20);
  EXPECT_FALSE(time.syncs);
  EXPECT_GE(time.us, 400);
}

TEST_F(HostClockOnGpu, ACallThatWaitsForTheGpuIsToldAndTimedWithoutTheSleep) {
  const at::Tensor x = ones();
  const HostTime time = time_on_host(
      kGpu, [&] { return (x + 1).cpu(); }, 40);
  EXPECT_TRUE(time.syncs);
  EXPECT_LT(time.us, 600);
}

TEST_F(HostClockOnGpu, WhatIsExpectedOfACallDoesNotDecide) {
  const at::Tensor x = ones();
  const auto plain = [&] { return x + 1; };
  const auto waiting = [&] { return (x + 1).cpu(); };
  for (const bool expected : {false, true}) {
    EXPECT_FALSE(time_on_host(kGpu, plain, 40, expected).syncs) << expected;
    EXPECT_TRUE(time_on_host(kGpu, waiting, 40, expected).syncs) << expected;
  }
}

#if MHABENCH_WITH_CUDA

// What the GPU does with it takes many times what the host takes to ask for it.
TEST_F(HostClockOnGpu, AShortHostOfALongCallIsToldBehindAShortSleep) {
  const at::Tensor x = ones();
  const auto call = [&] {
    at::cuda::sleep(kLongCycles);
    return x;
  };
  call();
  const HostTime time = time_on_host(kGpu, call, 10);
  EXPECT_FALSE(time.syncs);
  EXPECT_LT(time.us, 100);
}

TEST_F(HostClockOnGpu, ACallThatWaitsForLongWorkOfItsOwnHasThatInItsTime) {
  const at::Tensor x = ones();
  const HostTime time = time_on_host(
      kGpu,
      [&] {
        at::cuda::sleep(kLongCycles);
        return (x + 1).cpu();
      },
      kLongUs);
  EXPECT_TRUE(time.syncs);
  EXPECT_GT(time.us, kLongUs / 2);
  EXPECT_LT(time.us, kLongUs * 4);
}

#endif

TEST(HostClock, NeedsAGpu) {
  EXPECT_THROW(time_on_host(
                   c10::Device(c10::kCPU), [] { return at::Tensor(); }, 1),
               std::logic_error);
}

}  // namespace
}  // namespace mhabench
