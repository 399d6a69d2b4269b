#include "mhabench/measure/batch_plan.h"

#include <gtest/gtest.h>

namespace mhabench {
namespace {

Pilot pilot_of(double us_per_call, std::int64_t calls, double scatter, bool host_limited) {
  const double sample = us_per_call;
  return {us_per_call,
          calls,
          {sample, sample * (1 + scatter), sample * (1 - scatter), sample * (1 + scatter / 2),
           sample * (1 - scatter / 2)},
          host_limited};
}

TEST(CallsPerSample, FillTwoHundredAndTwentyMicroseconds) {
  EXPECT_EQ(calls_per_sample(5'000), 1);
  EXPECT_EQ(calls_per_sample(220), 1);
  EXPECT_EQ(calls_per_sample(219), 2);
  EXPECT_EQ(calls_per_sample(100), 3);
}

TEST(CallsPerSample, FillThreeHundredMicrosecondsWhereCallsAreShort) {
  EXPECT_EQ(calls_per_sample(50), 5);
  EXPECT_EQ(calls_per_sample(49), 7);
  EXPECT_EQ(calls_per_sample(10), 30);
  EXPECT_EQ(calls_per_sample(0), 3'000) << "an estimate of nothing has a floor";
}

Pilot one_call(double us, bool host_limited) {
  return {us, calls_per_sample(us), {us}, host_limited};
}

TEST(PilotSamples, AreFewWhereCallsAreLongAndNoneWhereOneTellsEnough) {
  EXPECT_EQ(pilot_samples(one_call(5'000, false), {}), 0);
  EXPECT_EQ(pilot_samples(one_call(501, false), {}), 0);
  EXPECT_EQ(pilot_samples(one_call(500, false), {}), 2);
  EXPECT_EQ(pilot_samples(one_call(300, false), {}), 3);
  EXPECT_EQ(pilot_samples(one_call(180, false), {}), 2) << "of two calls each";
  EXPECT_EQ(pilot_samples(one_call(1, false), {}), 3);
}

// Or a call that the host was slow with for once would leave its batch samples of half the time.
TEST(PilotSamples, AreTwoOfCallsThatTheHostMayHaveBeenSlowWith) {
  EXPECT_EQ(pilot_samples(one_call(501, true), {}), 2);
  EXPECT_EQ(pilot_samples(one_call(1'000, true), {}), 2);
  EXPECT_EQ(pilot_samples(one_call(1'001, true), {}), 0);
}

TEST(PilotSamples, AreEnoughToTellAScatterWhereThatIsAskedFor) {
  BatchPolicy policy;
  policy.pilot_samples = 5;
  EXPECT_EQ(pilot_samples(one_call(5'000, false), policy), 5);
  EXPECT_EQ(pilot_samples(one_call(300, true), policy), 5);
}

TEST(PlannedCalls, HaveAFloor) {
  EXPECT_EQ(planned_calls(pilot_of(100, 4, 0, false), {}), 10 * 4);
  EXPECT_EQ(planned_calls(pilot_of(900, 1, 0, false), {}), 10) << "beyond the ceiling of 7.5 ms";
}

TEST(PlannedCalls, HaveAHigherFloorWhereTheHostIsTheLimit) {
  EXPECT_EQ(planned_calls(pilot_of(100, 3, 0, true), {}), 24 * 3);
  EXPECT_EQ(planned_calls(pilot_of(400, 1, 0, true), {}), 20) << "24 are more than 7.5 ms";
  EXPECT_EQ(planned_calls(pilot_of(750, 1, 0, true), {}), 20) << "beyond the ceiling of 7.5 ms";
  EXPECT_EQ(planned_calls(pilot_of(900, 1, 0, true), {}), 10) << "20 are more than 15 ms";
}

TEST(PlannedCalls, OfCallsTooLongForAPilotAreTheFewest) {
  const Pilot one{2'000, 1, {2'000}, false};
  EXPECT_EQ(planned_calls(one, {}), 10);
}

TEST(PlannedCalls, StayUnderTheCeilingButForTheSamplesThatAnIntervalNeeds) {
  EXPECT_EQ(planned_calls(pilot_of(100, 4, 0.5, false), {}), 18 * 4) << "7.5 ms of 400 us";
  EXPECT_EQ(planned_calls(pilot_of(5'000, 1, 0, false), {}), 10);
}

TEST(PlannedCalls, StayUnderACeilingThatIsStrict) {
  BatchPolicy policy;
  policy.strictly = true;
  EXPECT_EQ(planned_calls(pilot_of(3'500, 1, 0, false), policy), 2) << "7.5 ms of 3.5 ms";
}

TEST(PlannedCalls, GrowWithTheScatterAndShrinkWithThePrecision) {
  BatchPolicy patient;
  patient.max_us = 1'000'000;
  const std::int64_t calm = planned_calls(pilot_of(100, 4, 0.005, false), patient);
  const std::int64_t wild = planned_calls(pilot_of(100, 4, 0.05, false), patient);
  const std::int64_t of_host = planned_calls(pilot_of(100, 4, 0.05, true), patient);
  EXPECT_GT(wild, calm);
  EXPECT_LT(of_host, wild) << "to within 5 % and not 2 %";
}

TEST(PlannedCalls, ReachAPrecisionWithCallsHoweverLong) {
  BatchPolicy patient;
  patient.gpu_precision = 0.002;
  patient.max_us = 5'000'000;
  EXPECT_GT(planned_calls(pilot_of(5'000, 1, 0.02, false), patient), 100);
}

TEST(PlannedCalls, TakeFewerForALooserPrecision) {
  BatchPolicy loose;
  loose.gpu_precision = 0.2;
  EXPECT_LT(planned_calls(pilot_of(100, 4, 0.05, false), loose),
            planned_calls(pilot_of(100, 4, 0.05, false), {}));
}

TEST(PlannedCalls, ReachATimeThatWasAskedForBeyondTheCeiling) {
  BatchPolicy policy;
  policy.min_us = 1'000'000;
  EXPECT_EQ(planned_calls(pilot_of(100, 4, 0, false), policy), 2'500 * 4);
}

}  // namespace
}  // namespace mhabench
