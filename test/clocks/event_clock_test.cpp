#include "mhabench/clocks/event_clock.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/devices.h"
#include "support/errors.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/Sleep.h>
#endif

namespace mhabench {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

void spin(Clock::duration duration) {
  const auto end = Clock::now() + duration;
  while (Clock::now() < end) {
  }
}

class EventClockTest : public test::DeviceTest {
 protected:
  at::Tensor number(int value) const {
    return at::full({1}, value, at::TensorOptions().device(GetParam()).dtype(at::kInt));
  }
};

TEST_P(EventClockTest, MakesTheCallsAndCountsThem) {
  int made = 0;
  const TimedBatch batch = time_batch(
      GetParam(),
      [&] {
        ++made;
        return number(0);
      },
      7);
  EXPECT_EQ(made, 7);
  EXPECT_EQ(batch.calls, 7);
  EXPECT_GT(batch.total_us, 0);
  EXPECT_DOUBLE_EQ(batch.us_per_call(), batch.total_us / 7);
}

// On the CPU there is nothing to keep at work.
TEST_P(EventClockTest, ACallThatGoesAheadDoesNotCount) {
  for (const Lead lead : {Lead{}, Lead{.sleep_us = 100}, Lead{.call = true}}) {
    int made = 0;
    const TimedBatch batch = time_batch(
        GetParam(), [&] { return number(++made); }, 3, 1, lead);
    const int ahead = lead.call && GetParam().is_cuda() ? 1 : 0;
    EXPECT_EQ(made, 3 + ahead);
    EXPECT_EQ(batch.calls, 3);
    EXPECT_EQ(batch.last_output.item<int>(), 3 + ahead);
  }
}

TEST_P(EventClockTest, OneCallIsABatch) {
  int made = 0;
  const TimedBatch batch = time_batch(
      GetParam(), [&] { return number(++made); }, 1);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(batch.calls, 1);
  EXPECT_EQ(batch.last_output.item<int>(), 1);
  EXPECT_EQ(batch.us_per_call(), batch.total_us);
}

TEST_P(EventClockTest, TheLastOutputIsTheLastCalls) {
  int made = 0;
  const TimedBatch batch = time_batch(
      GetParam(), [&] { return number(++made); }, 4);
  EXPECT_EQ(batch.last_output.item<int>(), 4);
}

// Two outputs at a time would need more memory than a caller's loop, and other memory.
TEST_P(EventClockTest, EachOutputIsReleasedBeforeTheNextCall) {
  std::optional<c10::weak_intrusive_ptr<c10::TensorImpl>> previous;
  std::vector<bool> released;
  const TimedBatch batch = time_batch(
      GetParam(),
      [&] {
        if (previous) released.push_back(previous->expired());
        at::Tensor output = number(0);
        previous.emplace(output.getIntrusivePtr());
        return output;
      },
      4);
  EXPECT_EQ(released, std::vector<bool>(3, true));
  EXPECT_FALSE(previous->expired());
}

TEST_P(EventClockTest, ExceptionsOfACallPass) {
  int made = 0;
  const auto failing = [&] {
    if (++made == 3) throw std::runtime_error("third call");
    return number(0);
  };
  EXPECT_EQ(
      test::message_of<std::runtime_error>([&] { return time_batch(GetParam(), failing, 5); }),
      "third call");
  EXPECT_EQ(made, 3);
}

// Whatever the device, the host's time counts where the host is the limit.
TEST_P(EventClockTest, TimesWhatTheCallsTake) {
  constexpr int kCalls = 5;
  constexpr auto kSpin = std::chrono::milliseconds(2);
  number(0);  // LibTorch's first use of a device takes long
  const auto start = Clock::now();
  const TimedBatch batch = time_batch(
      GetParam(),
      [&] {
        spin(kSpin);
        return number(0);
      },
      kCalls);
  const Microseconds around = Clock::now() - start;
  // The GPU comes to the batch's first event a little after the host, which spins already.
  const int seen = GetParam().is_cpu() ? kCalls : kCalls - 1;
  EXPECT_GE(batch.total_us, Microseconds(kSpin).count() * seen);
  EXPECT_LE(batch.total_us, around.count());
}

INSTANTIATE_TEST_SUITE_P(Devices, EventClockTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

#if MHABENCH_WITH_CUDA

// The host is done at once; a clock that did not wait for the GPU would see next to nothing.
TEST(EventClockCudaTest, TimesTheGpusWorkNotItsEnqueuing) {
  const c10::Device cuda = test::all_devices().back();
  if (const auto reason = test::cannot_use(cuda)) GTEST_SKIP() << *reason;
  constexpr std::int64_t kCycles = 20'000'000;  // 5 to 20 ms at 1 to 4 GHz
  const at::Tensor output = at::zeros({1}, at::TensorOptions().device(cuda));
  const auto start = Clock::now();
  const TimedBatch batch = time_batch(
      cuda,
      [&] {
        at::cuda::sleep(kCycles);
        return output;
      },
      3);
  const Microseconds around = Clock::now() - start;
  EXPECT_GT(batch.us_per_call(), 5'000);
  EXPECT_LT(batch.us_per_call(), 20'000);
  EXPECT_LE(batch.total_us, around.count());
}

// What goes ahead takes as long as it likes: the batch begins behind it.
TEST(EventClockCudaTest, WhatGoesAheadIsNotTimed) {
  const c10::Device cuda = test::all_devices().back();
  if (const auto reason = test::cannot_use(cuda)) GTEST_SKIP() << *reason;
  constexpr std::int64_t kCycles = 2'000'000;  // ten times as long as the sleep that goes ahead
  const at::Tensor output = at::zeros({1}, at::TensorOptions().device(cuda));
  const auto sleeping = [&] {
    at::cuda::sleep(kCycles);
    return output;
  };
  time_batch(cuda, sleeping, 20);  // the clock rises from idle
  // The least of some, since a busy host makes a sample longer, and never shorter.
  const auto first_us = [&](const Lead& lead) {
    double least = std::numeric_limits<double>::max();
    for (int i = 0; i < 5; ++i) {
      least = std::min(least, time_batch(cuda, sleeping, 5, 5, lead).sample_us.front());
    }
    return least;
  };
  const double alone_us = first_us(Lead{});
  for (const Lead lead : {Lead{.sleep_us = 100}, Lead{.call = true}}) {
    EXPECT_LT(first_us(lead), 1.05 * alone_us);
  }
}

#endif

}  // namespace
}  // namespace mhabench
