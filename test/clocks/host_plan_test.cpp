#include "mhabench/clocks/host_plan.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

// A host whose calls take it the given times, the last of them from then on, and a GPU that sleeps
// as long as it is told to.
class FakeMachine {
 public:
  FakeMachine(std::vector<double> host_us, bool waits, double own_us = 0)
      : host_us_(std::move(host_us)), waits_(waits), own_us_(own_us) {}

  HostTime time(double most_us, bool likely_waits = false) {
    return host_time(
        {[this](double sleep_us, std::size_t calls) { return behind(sleep_us, calls); },
         [this] { return on_idle_stream(); }},
        most_us, likely_waits);
  }

  std::vector<double> sleeps;
  std::size_t idle_calls = 0;
  std::size_t made = 0;

 private:
  CallsBehindSleep behind(double sleep_us, std::size_t calls) {
    sleeps.push_back(sleep_us);
    CallsBehindSleep seen;
    double now = 0;
    while (seen.us.size() < calls) {
      const double host = next_host_us();
      seen.us.push_back(waits_ ? std::max(host, sleep_us - now) + own_us_ : host);
      now += seen.us.back();
      if (now >= sleep_us) break;
      ++seen.within_sleep;
    }
    return seen;
  }

  double on_idle_stream() {
    ++idle_calls;
    return next_host_us() + (waits_ ? own_us_ : 0);
  }

  double next_host_us() {
    const std::size_t last = host_us_.size() - 1;
    return host_us_[std::min(made++, last)];
  }

  std::vector<double> host_us_;
  bool waits_;
  double own_us_;
};

TEST(HostPlan, TakesTheMedianOfThreeCallsBehindASleepALittleLongerThanTheyTake) {
  FakeMachine machine({110, 90, 100}, false);
  const HostTime time = machine.time(300);
  EXPECT_EQ(time.us, 100);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(machine.sleeps, std::vector<double>{1'170});
  EXPECT_EQ(machine.idle_calls, 0U);
}

TEST(HostPlan, TheFirstSleepIsNeverShort) {
  FakeMachine machine({40}, false);
  machine.time(5);
  EXPECT_EQ(machine.sleeps.front(), 200);
}

TEST(HostPlan, OfLongCallsFewerAreMade) {
  for (const auto& [us, calls] : {std::pair{500, 3U}, {501, 2U}, {5'000, 1U}}) {
    FakeMachine machine({static_cast<double>(us)}, false);
    machine.time(us);
    EXPECT_EQ(machine.made, calls) << us;
  }
}

TEST(HostPlan, ACallThatWaitsHasItsTimeOnAnIdleStream) {
  FakeMachine machine({150}, true, 60);
  const HostTime time = machine.time(220);
  EXPECT_TRUE(time.syncs);
  EXPECT_EQ(time.us, 210);
  EXPECT_EQ(machine.idle_calls, 3U);
  EXPECT_EQ(machine.sleeps.size(), 2U);
}

TEST(HostPlan, ACallThatWaitsIsToldHoweverLongTheSleep) {
  for (const double host : {20.0, 200.0, 700.0, 5'000.0}) {
    EXPECT_TRUE(FakeMachine({host}, true).time(host).syncs) << host;
    EXPECT_TRUE(FakeMachine({host}, true, 3'000).time(host + 3'000).syncs) << host;
  }
}

TEST(HostPlan, AKnownMostThatIsTooLowMisleadsItNot) {
  for (const double host : {200.0, 260.0, 299.0, 1'000.0, 20'000.0}) {
    const HostTime time = FakeMachine({host}, false).time(20);
    EXPECT_FALSE(time.syncs) << host;
    EXPECT_EQ(time.us, host);
  }
}

TEST(HostPlan, AHostThatIsSlowForOnceChangesNothing) {
  FakeMachine late({100, 100, 400}, false);
  const HostTime late_time = late.time(100);
  EXPECT_FALSE(late_time.syncs);
  EXPECT_EQ(late_time.us, 100);
  EXPECT_EQ(late.idle_calls, 0U) << "the first call told that it does not wait";

  FakeMachine early({400, 100, 110, 120, 105}, false);
  const HostTime time = early.time(100);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(time.us, 110);
}

TEST(HostPlan, AHostThatWasSlowBehindTheFirstSleepAloneHasRoomBehindTheSecond) {
  FakeMachine machine({900, 200, 880}, false);
  const HostTime time = machine.time(200);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(time.us, 880);
  EXPECT_EQ(machine.idle_calls, 1U) << "more are for calls that wait";
  EXPECT_EQ(machine.sleeps.back(), 1'350);
}

TEST(HostPlan, AHostThatIsSlowWhileItIsTimedIsNotTakenForOneThatWaits) {
  const HostTime time = FakeMachine({800, 820, 810, 830, 980, 840, 825}, false).time(200);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(time.us, 810) << "behind the second sleep, of 1230 us";
}

TEST(HostPlan, ACallThatLikelyWaitsIsMadeOnceBehindOneSleep) {
  FakeMachine machine({150}, true, 60);
  const HostTime time = machine.time(220, true);
  EXPECT_TRUE(time.syncs);
  EXPECT_EQ(time.us, 210);
  EXPECT_EQ(machine.sleeps, std::vector<double>{315});
  EXPECT_EQ(machine.made, 4U);
}

TEST(HostPlan, ACallThatWasThoughtToWaitAndDoesNotIsToldSo) {
  for (const double host : {20.0, 200.0, 1'000.0}) {
    FakeMachine machine({host}, false);
    const HostTime time = machine.time(host, true);
    EXPECT_FALSE(time.syncs) << host;
    EXPECT_EQ(time.us, host);
    EXPECT_GT(machine.sleeps.back(), host);
  }
}

}  // namespace
}  // namespace mhabench
