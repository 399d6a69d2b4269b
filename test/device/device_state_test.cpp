#include "mhabench/device/device_state.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

using namespace std::chrono_literals;

constexpr int kNotSupported = 3;  // NVML_ERROR_NOT_SUPPORTED
constexpr int kNotFound = 6;      // NVML_ERROR_NOT_FOUND

// NVML with one GPU in it, of which the tests set the state and take functions away.
class FakeNvml {
 public:
  FakeNvml() {
    functions.nvmlDeviceGetHandleByPciBusId_v2 = [this](const char* id, nvml::Handle* handle) {
      return find(id, "0000:1b:00.0", handle);
    };
    functions.nvmlDeviceGetHandleByUUID = [this](const char* id, nvml::Handle* handle) {
      return find(id, "GPU-0badcafe", handle);
    };
    functions.nvmlDeviceGetClockInfo = [this](nvml::Handle, int domain, unsigned* value) {
      return give(domain == nvml::kSmClock, mhz, value);
    };
    functions.nvmlDeviceGetTemperatureV = [this](nvml::Handle, nvml::Temperature* value) {
      return give(value->version == 0x0100000c && value->sensor == 0, celsius, &value->celsius);
    };
    functions.nvmlDeviceGetTemperature = [this](nvml::Handle, int sensor, unsigned* value) {
      return give(sensor == 0, old_celsius, value);
    };
    functions.nvmlDeviceGetPowerUsage = [this](nvml::Handle, unsigned* value) {
      return give(true, milliwatts, value);
    };
    functions.nvmlDeviceGetEnforcedPowerLimit = [this](nvml::Handle, unsigned* value) {
      return give(true, limit_milliwatts, value);
    };
    functions.nvmlDeviceGetCurrentClocksEventReasons =
        [this](nvml::Handle, unsigned long long* value) { return give(true, reasons, value); };
    functions.nvmlDeviceGetCurrentClocksThrottleReasons =
        [this](nvml::Handle, unsigned long long* value) { return give(true, old_reasons, value); };
    functions.nvmlDeviceGetFieldValues = [this](nvml::Handle, int count, nvml::FieldValue* values) {
      for (int i = 0; i < count; ++i) fill(values[i]);
      return nvml::kSuccess;
    };
  }
  FakeNvml(const FakeNvml&) = delete;
  FakeNvml& operator=(const FakeNvml&) = delete;

  nvml::Gpu gpu() const { return nvml::Gpu("0000:1b:00.0", functions); }

  nvml::Functions functions;
  std::optional<unsigned> mhz = 1980;
  std::optional<int> celsius = 41;
  std::optional<unsigned> old_celsius = 39;
  std::optional<unsigned> milliwatts = 123456;
  std::optional<unsigned> limit_milliwatts = 700000;
  std::optional<unsigned long long> reasons = 0;
  std::optional<unsigned long long> old_reasons = 0;
  std::map<unsigned, unsigned long long> fields{{74, 1000}, {75, 2000}, {79, 3000}};
  int field_type = 3;  // NVML_VALUE_TYPE_UNSIGNED_LONG_LONG

 private:
  int find(const std::string& id, const char* own, nvml::Handle* handle) {
    if (id != own) return kNotFound;
    *handle = this;
    return nvml::kSuccess;
  }

  template <typename Value, typename Place>
  static int give(bool asked_rightly, const std::optional<Value>& value, Place* place) {
    EXPECT_TRUE(asked_rightly);
    if (!value) return kNotSupported;
    *place = *value;
    return nvml::kSuccess;
  }

  void fill(nvml::FieldValue& field) const {
    const auto at = fields.find(field.field);
    field.status = at == fields.end() ? kNotSupported : nvml::kSuccess;
    field.type = field_type;
    field.value.unsigned_long_long = at == fields.end() ? 0xdeadbeef : at->second;
  }
};

// ---------------------------------------------------------------------------------------------
// One GPU's readings

TEST(GpuTest, IsFoundByAddressAndByUuid) {
  const FakeNvml fake;
  for (const char* id : {"0000:1b:00.0", "GPU-0badcafe"}) {
    const nvml::Gpu gpu(id, fake.functions);
    EXPECT_TRUE(gpu.known()) << id;
    EXPECT_EQ(gpu.sm_mhz(), 1980) << id;
  }
}

void expect_nothing_known(const nvml::Gpu& gpu) {
  const DeviceState state = read_state(gpu);
  EXPECT_FALSE(state.clocks.sm_mhz);
  EXPECT_FALSE(state.clocks.held_back.power);
  EXPECT_FALSE(state.clocks.held_back.thermal);
  EXPECT_FALSE(state.clocks.held_back.reliability);
  EXPECT_FALSE(state.temperature_celsius);
  EXPECT_FALSE(state.power_watts);
  EXPECT_FALSE(state.power_limit_watts);
  EXPECT_FALSE(gpu.event_reasons());
}

TEST(GpuTest, OneThatIsNotThereTellsNothing) {
  const FakeNvml fake;
  for (const char* id : {"0000:1c:00.0", "GPU-00000000", ""}) {
    const nvml::Gpu gpu(id, fake.functions);
    EXPECT_FALSE(gpu.known()) << id;
    expect_nothing_known(gpu);
  }
  EXPECT_FALSE(nvml::Gpu().known());
  expect_nothing_known(nvml::Gpu());
}

TEST(GpuTest, WithoutTheLibraryNothingIsKnown) {
  const nvml::Functions none;
  expect_nothing_known(nvml::Gpu("0000:1b:00.0", none));
  expect_nothing_known(nvml::Gpu("GPU-0badcafe", none));
}

// A library that finds the GPU and has no other function.
TEST(GpuTest, WithoutItsFunctionsNothingIsKnown) {
  const FakeNvml fake;
  nvml::Functions functions;
  functions.nvmlDeviceGetHandleByUUID = fake.functions.nvmlDeviceGetHandleByUUID;
  const nvml::Gpu gpu("GPU-0badcafe", functions);
  EXPECT_TRUE(gpu.known());
  expect_nothing_known(gpu);
}

TEST(GpuTest, WhatTheGpuDoesNotSupportIsAbsentAndNothingElse) {
  FakeNvml fake;
  fake.mhz.reset();
  fake.milliwatts.reset();
  const DeviceState state = read_state(fake.gpu());
  EXPECT_FALSE(state.clocks.sm_mhz);
  EXPECT_FALSE(state.power_watts);
  EXPECT_EQ(state.temperature_celsius, 41);
  EXPECT_EQ(state.power_limit_watts, 700);
  EXPECT_EQ(state.clocks.held_back.power, 1000U);
}

TEST(GpuTest, ReadingsAreInTheirUnits) {
  const FakeNvml fake;
  const auto before = std::chrono::steady_clock::now();
  const DeviceState state = read_state(fake.gpu());
  EXPECT_GE(state.clocks.at, before);
  EXPECT_LE(state.clocks.at, std::chrono::steady_clock::now());
  EXPECT_EQ(state.clocks.sm_mhz, 1980);
  EXPECT_EQ(state.temperature_celsius, 41);
  EXPECT_DOUBLE_EQ(state.power_watts.value(), 123.456);
  EXPECT_DOUBLE_EQ(state.power_limit_watts.value(), 700);
  EXPECT_EQ(state.clocks.held_back.power, 1000U);
  EXPECT_EQ(state.clocks.held_back.thermal, 2000U);
  EXPECT_EQ(state.clocks.held_back.reliability, 3000U);
}

TEST(GpuTest, BelowZeroIsATemperature) {
  FakeNvml fake;
  fake.celsius = -5;
  EXPECT_EQ(fake.gpu().temperature_celsius(), -5);
}

TEST(GpuTest, AnOldLibraryIsAskedByItsOwnFunctions) {
  FakeNvml fake;
  fake.old_reasons = nvml::kSwPowerCap;
  EXPECT_EQ(fake.gpu().event_reasons(), 0U);
  fake.functions.nvmlDeviceGetTemperatureV = nullptr;
  fake.functions.nvmlDeviceGetCurrentClocksEventReasons = nullptr;
  EXPECT_EQ(fake.gpu().temperature_celsius(), 39);
  EXPECT_EQ(fake.gpu().event_reasons(), nvml::kSwPowerCap);
}

TEST(GpuTest, CountersComeInSeveralTypes) {
  FakeNvml fake;
  for (const int type : {1, 2, 3, 4}) {  // unsigned, unsigned long, unsigned and signed long long
    fake.field_type = type;
    EXPECT_EQ(fake.gpu().violation_times().thermal, 2000U) << type;
  }
  fake.field_type = 0;  // double, which no counter is
  EXPECT_FALSE(fake.gpu().violation_times().thermal);
}

TEST(GpuTest, FieldsThatTheDriverLacksAreAbsent) {
  FakeNvml fake;
  fake.fields = {{74, 1000}};
  const nvml::ViolationTimes some = fake.gpu().violation_times();
  EXPECT_EQ(some.power, 1000U);
  EXPECT_FALSE(some.thermal);
  EXPECT_FALSE(some.reliability);
  fake.functions.nvmlDeviceGetFieldValues = nullptr;
  EXPECT_FALSE(fake.gpu().violation_times().power);
}

// ---------------------------------------------------------------------------------------------
// The share of time

ClockState at(std::chrono::nanoseconds time, nvml::ViolationTimes held_back) {
  return {std::chrono::steady_clock::time_point(time), std::nullopt, held_back};
}

constexpr std::uint64_t kMillisecond = 1000000;  // nanoseconds

TEST(ThrottledShareTest, IsTheCountersGrowthOverTheTime) {
  const ClockState before = at(5s, {7 * kMillisecond, 8 * kMillisecond, 9 * kMillisecond});
  const auto share = [&](std::uint64_t power, std::uint64_t thermal, std::uint64_t reliability) {
    return throttled_share(before,
                           at(5s + 100ms, {(7 + power) * kMillisecond, (8 + thermal) * kMillisecond,
                                           (9 + reliability) * kMillisecond}))
        .value();
  };
  EXPECT_EQ(share(0, 0, 0), 0);
  EXPECT_DOUBLE_EQ(share(25, 0, 0), 0.25);
  EXPECT_DOUBLE_EQ(share(0, 30, 0), 0.3);
  EXPECT_DOUBLE_EQ(share(0, 0, 40), 0.4);
  EXPECT_DOUBLE_EQ(share(25, 30, 40), 0.95);
  EXPECT_EQ(share(60, 60, 0), 1);
}

TEST(ThrottledShareTest, IsAbsentWhereACounterIsUnknown) {
  const ClockState before = at(1s, {0, 0, 0});
  EXPECT_FALSE(throttled_share(before, at(2s, {std::nullopt, 0, 0})));
  EXPECT_FALSE(throttled_share(before, at(2s, {0, std::nullopt, 0})));
  EXPECT_FALSE(throttled_share(at(1s, {std::nullopt, 0, 0}), at(2s, {0, 0, 0})));
  EXPECT_EQ(throttled_share(before, at(2s, {0, 0, std::nullopt})), 0);
}

TEST(ThrottledShareTest, IsAbsentWhereACounterRanBackwardsOrNoTimePassed) {
  EXPECT_FALSE(throttled_share(at(1s, {5, 0, 0}), at(2s, {4, 0, 0})));
  EXPECT_FALSE(throttled_share(at(1s, {0, 5, 0}), at(2s, {0, 4, 0})));
  EXPECT_FALSE(throttled_share(at(1s, {0, 0, 0}), at(1s, {0, 0, 0})));
}

TEST(ThrottledShareTest, OfAGpuThatWasHeldBackBetweenTwoReadings) {
  FakeNvml fake;
  const ClockState before = read_clocks(fake.gpu());
  fake.fields[74] += 3600'000'000'000;  // an hour
  const ClockState after = read_clocks(fake.gpu());
  EXPECT_EQ(throttled_share(before, after), 1);
}

// ---------------------------------------------------------------------------------------------
// Cooling down

// Time that passes in sleep alone, and what happens at each of its readings.
class FakeTime {
 public:
  Waiting waiting() {
    return {[this] { return now_; }, [this](std::chrono::nanoseconds duration) { pass(duration); }};
  }

  // What is to be done when so much time has passed.
  void when(std::chrono::nanoseconds passed, std::function<void()> act) {
    events_.emplace_back(start_ + passed, std::move(act));
  }

 private:
  void pass(std::chrono::nanoseconds duration) {
    EXPECT_GT(duration.count(), 0);
    const auto before = std::exchange(now_, now_ + duration);
    for (const auto& [time, act] : events_) {
      if (before < time && time <= now_) act();
    }
  }

  const std::chrono::steady_clock::time_point start_{77s};
  std::chrono::steady_clock::time_point now_ = start_;
  std::vector<std::pair<std::chrono::steady_clock::time_point, std::function<void()>>> events_;
};

class WaitForClockTest : public ::testing::Test {
 protected:
  CooldownResult wait() { return wait_for_clock(fake.gpu(), cooldown, time.waiting()); }

  FakeNvml fake;
  FakeTime time;
  Cooldown cooldown{std::nullopt, 10s, 100ms};
};

TEST_F(WaitForClockTest, ACalmGpuIsReadTwice) {
  const CooldownResult result = wait();
  EXPECT_EQ(result.end, CooldownEnd::calm);
  EXPECT_EQ(result.waited, 100ms);
}

TEST_F(WaitForClockTest, WaitsUntilTheReasonsAreGone) {
  for (const std::uint64_t reason : {nvml::kSwPowerCap, nvml::kHwSlowdown, nvml::kSwThermalSlowdown,
                                     nvml::kHwThermalSlowdown, nvml::kHwPowerBrakeSlowdown}) {
    FakeTime own;
    fake.reasons = reason;
    own.when(2s, [&] { fake.reasons = 1; });  // idle, which holds nothing back
    const CooldownResult result = wait_for_clock(fake.gpu(), cooldown, own.waiting());
    EXPECT_EQ(result.end, CooldownEnd::calm) << reason;
    EXPECT_EQ(result.waited, 2100ms) << reason;
  }
}

// The driver's view may lag behind or flicker.
TEST_F(WaitForClockTest, OneCalmReadingBetweenOthersIsNone) {
  fake.reasons = nvml::kSwPowerCap;
  time.when(500ms, [&] { fake.reasons = 0; });
  time.when(600ms, [&] { fake.reasons = nvml::kSwPowerCap; });
  time.when(900ms, [&] { fake.reasons = 0; });
  EXPECT_EQ(wait().waited, 1s);
}

TEST_F(WaitForClockTest, WaitsUntilTheDieIsCooler) {
  cooldown.below_celsius = 45;
  fake.celsius = 60;
  time.when(3s, [&] { fake.celsius = 45; });
  time.when(4s, [&] { fake.celsius = 44; });
  const CooldownResult result = wait();
  EXPECT_EQ(result.end, CooldownEnd::calm);
  EXPECT_EQ(result.waited, 4100ms);
}

TEST_F(WaitForClockTest, GivesUpAtTheCeiling) {
  fake.reasons = nvml::kSwThermalSlowdown;
  cooldown.at_most = 950ms;
  const CooldownResult result = wait();
  EXPECT_EQ(result.end, CooldownEnd::timed_out);
  EXPECT_EQ(result.waited, 950ms);
}

TEST_F(WaitForClockTest, DoesNotWaitForWhatCannotBeKnown) {
  fake.reasons.reset();
  fake.old_reasons.reset();
  EXPECT_EQ(wait().end, CooldownEnd::unknown);
  EXPECT_EQ(wait().waited, 0ms);
  cooldown.below_celsius = 45;  // now the temperature tells
  EXPECT_EQ(wait().end, CooldownEnd::calm);
  EXPECT_EQ(wait_for_clock(nvml::Gpu(), cooldown, time.waiting()).end, CooldownEnd::unknown);
}

TEST_F(WaitForClockTest, SleepsWhereNoOtherClockIsGiven) {
  cooldown.between_readings = 2ms;
  const auto start = std::chrono::steady_clock::now();
  const CooldownResult result = wait_for_clock(fake.gpu(), cooldown);
  EXPECT_EQ(result.end, CooldownEnd::calm);
  EXPECT_GE(result.waited, 2ms);
  EXPECT_LE(result.waited, std::chrono::steady_clock::now() - start);
}

}  // namespace
}  // namespace mhabench
