#include "mhabench/clocks/host_plan.h"

#include <algorithm>
#include <cstddef>
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
        {[this](double sleep_us) { return behind(sleep_us); }, [this] { return on_idle_stream(); }},
        most_us, likely_waits);
  }

  std::vector<double> sleeps;
  std::size_t idle_calls = 0;

 private:
  CallBehindSleep behind(double sleep_us) {
    sleeps.push_back(sleep_us);
    const double host = next_host_us();
    const double us = waits_ ? std::max(host, sleep_us) + own_us_ : host;
    return {us, us >= sleep_us};
  }

  double on_idle_stream() {
    ++idle_calls;
    return next_host_us() + (waits_ ? own_us_ : 0);
  }

  double next_host_us() {
    const std::size_t last = host_us_.size() - 1;
    return host_us_[std::min(made_++, last)];
  }

  std::vector<double> host_us_;
  bool waits_;
  double own_us_;
  std::size_t made_ = 0;
};

TEST(HostPlan, TakesTheMedianOfThreeCallsBehindASleepALittleLongerThanTheyTake) {
  FakeMachine machine({110, 90, 100}, false);
  const HostTime time = machine.time(300);
  EXPECT_EQ(time.us, 100);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(machine.sleeps, std::vector<double>(3, 390));
  EXPECT_EQ(machine.idle_calls, 0U);
}

TEST(HostPlan, TheFirstSleepIsNeitherShortNorLong) {
  FakeMachine machine({40}, false);
  machine.time(5);
  EXPECT_EQ(machine.sleeps.front(), 200);
  machine.sleeps.clear();
  machine.time(5'000);
  EXPECT_EQ(machine.sleeps.front(), 600);
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

TEST(HostPlan, AHostThatIsSlowerThanTheFirstSleepIsNotTakenForOneThatWaits) {
  FakeMachine machine({1'200}, false);
  const HostTime time = machine.time(1'210);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(time.us, 1'200);
  EXPECT_EQ(machine.sleeps.back(), 1'800) << "from what was seen on the idle stream";
}

TEST(HostPlan, AKnownMostThatIsTooLowMisleadsItNot) {
  for (const double host : {200.0, 260.0, 299.0, 1'000.0, 20'000.0}) {
    const HostTime time = FakeMachine({host}, false).time(20);
    EXPECT_FALSE(time.syncs) << host;
    EXPECT_EQ(time.us, host);
  }
}

TEST(HostPlan, AHostThatIsSlowForOnceChangesNothing) {
  FakeMachine late({100, 400, 100}, false);
  EXPECT_FALSE(late.time(100).syncs);
  EXPECT_EQ(late.idle_calls, 0U);

  FakeMachine early({400, 100, 110, 120, 105}, false);
  const HostTime time = early.time(100);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(time.us, 105);
}

TEST(HostPlan, AHostThatIsSlowWhileItIsTimedIsNotTakenForOneThatWaits) {
  const HostTime time = FakeMachine({400, 420, 410, 430, 580, 440, 425}, false).time(200);
  EXPECT_FALSE(time.syncs);
  EXPECT_EQ(time.us, 440) << "the times behind the second sleep, of 630 us";
}

TEST(HostPlan, ACallThatLikelyWaitsIsMadeBehindOneSleepOnly) {
  FakeMachine machine({150}, true, 60);
  const HostTime time = machine.time(220, true);
  EXPECT_TRUE(time.syncs);
  EXPECT_EQ(time.us, 210);
  EXPECT_EQ(machine.sleeps, std::vector<double>{315});
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
