#include "mhabench/measure/pilot.h"

#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

TimedBatch batch_of(std::vector<double> sample_us, double enqueue_us) {
  TimedBatch batch;
  batch.calls = static_cast<std::int64_t>(sample_us.size());
  for (const double us : sample_us) batch.total_us += us;
  batch.sample_us = std::move(sample_us);
  batch.enqueue_us = enqueue_us;
  return batch;
}

TEST(PilotOf, LeavesOutTheSampleThatWaitedForTheHost) {
  const Pilot pilot = pilot_of(batch_of({343, 304, 306, 302}, 400));
  EXPECT_EQ(pilot.sample_us, (std::vector<double>{304, 306, 302}));
  EXPECT_EQ(pilot.us_per_call, 304);
  EXPECT_EQ(pilot.calls_per_sample, 1);
  EXPECT_EQ(pilot.enqueue_us, 100);
}

TEST(PilotOf, ABatchOfOneSampleHasThatOne) {
  const Pilot pilot = pilot_of(batch_of({2'000}, 300));
  EXPECT_EQ(pilot.sample_us, std::vector<double>{2'000});
  EXPECT_EQ(pilot.us_per_call, 2'000);
}

TEST(PilotOf, OneSlowSampleLeavesTheOthersTheirCalls) {
  EXPECT_EQ(pilot_of(batch_of({100, 100, 100, 5'000, 100}, 90)).calls_per_sample, 3);
}

TEST(PilotOf, TheHostIsTheLimitWhereItEnqueuesNearlyToTheEnd) {
  EXPECT_TRUE(pilot_of(batch_of({100, 100, 100, 100}, 371)).host_limited);
  EXPECT_FALSE(pilot_of(batch_of({100, 100, 100, 100}, 359)).host_limited);
}

TEST(PilotOf, OneCallOfTheHostsHasItsLastKernelsBehindIt) {
  EXPECT_TRUE(pilot_of(batch_of({100}, 78)).host_limited);
  EXPECT_FALSE(pilot_of(batch_of({100}, 75)).host_limited);
}

TEST(LeadOf, IsASleepOfWhatTheHostNeedsForACallThatTakesTheGpuLonger) {
  const Lead lead = lead_of(pilot_of(batch_of({2'000, 2'000}, 200)));
  EXPECT_FALSE(lead.call);
  EXPECT_DOUBLE_EQ(lead.sleep_us, 200);
}

TEST(LeadOf, IsACallWhereTheHostIsTheLimitOrNearIt) {
  for (const double enqueue_us : {3'950.0, 3'000.0}) {
    const Lead lead = lead_of(pilot_of(batch_of({2'000, 2'000}, enqueue_us)));
    EXPECT_TRUE(lead.call) << enqueue_us;
    EXPECT_EQ(lead.sleep_us, 0);
  }
}

TimedBatch batch_of_calls(std::int64_t calls, double us, std::vector<double> enqueue_sample_us) {
  TimedBatch batch;
  batch.calls = calls;
  batch.total_us = us * static_cast<double>(calls);
  batch.enqueue_sample_us = std::move(enqueue_sample_us);
  for (const double sample : batch.enqueue_sample_us) batch.enqueue_us += sample;
  return batch;
}

TEST(HostTimeIn, IsTheMedianOfWhatSamplesTookToEnqueue) {
  const auto time =
      host_time_in(batch_of_calls(5, 1'000, {180, 150, 130, 120, 900}), Lead{.sleep_us = 200});
  ASSERT_TRUE(time);
  EXPECT_EQ(time->us, 150);
  EXPECT_FALSE(time->syncs);
}

TEST(HostTimeIn, OfALongBatchTheSamplesCountBeforeTheQueueIsFull) {
  std::vector<double> enqueue_sample_us(12, 150);
  enqueue_sample_us.insert(enqueue_sample_us.end(), 28, 1'000);
  TimedBatch batch = batch_of_calls(40, 1'000, enqueue_sample_us);
  batch.total_us *= 1.5;
  const auto time = host_time_in(batch, Lead{.sleep_us = 200});
  ASSERT_TRUE(time);
  EXPECT_EQ(time->us, 150);
}

TEST(HostTimeIn, IsNotToldWithoutASleepAhead) {
  EXPECT_FALSE(
      host_time_in(batch_of_calls(5, 1'000, {150, 150, 150, 150, 150}), Lead{.call = true}));
}

TEST(HostTimeIn, IsNotToldWhereCallsMayHaveWaited) {
  const Lead lead{.sleep_us = 200};
  EXPECT_FALSE(host_time_in(batch_of_calls(5, 1'000, {100, 950, 1'000, 1'000, 1'000}), lead));
  EXPECT_FALSE(host_time_in(batch_of_calls(4, 1'000, {150, 150, 150, 150}), lead))
      << "the last of few calls is too much of the batch";
}

}  // namespace
}  // namespace mhabench
