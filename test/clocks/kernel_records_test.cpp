#include "mhabench/clocks/kernel_records.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/statistics.h"

namespace mhabench {
namespace {

// Times in us, beside what a trace has in common.
KernelRecord record(RecordKind kind, double start, double end, std::uint32_t stream = 7,
                    std::string name = "kernel") {
  const auto ns = [](double us) {
    return std::int64_t{1'700'000'000'000'000'000} +
           static_cast<std::int64_t>(std::llround(us * 1000));
  };
  return {kind, std::move(name), ns(start), ns(end), stream, 1};
}

KernelRecord kernel(double start, double end, std::uint32_t stream = 7) {
  return record(RecordKind::kernel, start, end, stream);
}

KernelRecord marker(double at) { return record(RecordKind::marker, at, at + 1); }

KernelRecord untimed() { return {RecordKind::kernel, "kernel", 0, 0, 7, 1}; }

// A call whose one kernel takes so long.
CallRecords call_of(double us) { return {kernel(0, us)}; }

std::vector<CallRecords> calls_of(const std::vector<double>& busy) {
  std::vector<CallRecords> calls;
  for (const double us : busy) calls.push_back(call_of(us));
  return calls;
}

std::string problem_of(std::vector<KernelRecord> records, std::int64_t calls) {
  const KernelTrace trace = tell_calls_apart(std::move(records), calls);
  EXPECT_EQ(trace.calls.empty(), !trace.problem.empty() || calls == 0);
  return trace.problem;
}

TEST(BusyTest, NothingIsNoTime) { EXPECT_EQ(busy_us({}), 0); }

TEST(BusyTest, GapsDoNotCount) {
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10)}), 10);
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10), kernel(15, 20), kernel(30, 31)}), 16);
}

TEST(BusyTest, NeighboursAddUp) { EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10), kernel(10, 12)}), 12); }

TEST(BusyTest, WhatOverlapsCountsOnce) {
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10), kernel(5, 15)}), 15);
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10), kernel(0, 10)}), 10);
}

TEST(BusyTest, WhatLiesWithinAnotherDoesNotCount) {
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10), kernel(2, 3), kernel(4, 5)}), 10);
  // The longer one still covers what comes after the one within it.
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10), kernel(2, 3), kernel(8, 12)}), 12);
}

TEST(BusyTest, StreamsShareTheGpu) {
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 10, 7), kernel(1, 12, 13), kernel(20, 25, 13)}), 17);
}

TEST(BusyTest, CopiesAndSetsAreWorkToo) {
  EXPECT_DOUBLE_EQ(
      busy_us({record(RecordKind::copy, 0, 2), kernel(3, 4), record(RecordKind::set, 3.5, 6)}), 5);
}

TEST(BusyTest, NanosecondsCount) {
  EXPECT_DOUBLE_EQ(busy_us({kernel(0, 0.001), kernel(0.5, 0.532)}), 0.033);
  EXPECT_EQ(busy_us({kernel(1, 1)}), 0);
}

TEST(KernelsInTest, CopiesAndSetsAreNoKernels) {
  EXPECT_EQ(kernels_in({}), 0);
  EXPECT_EQ(kernels_in({record(RecordKind::copy, 0, 1), kernel(1, 2), kernel(2, 3),
                        record(RecordKind::set, 3, 4)}),
            2);
}

TEST(TellCallsApartTest, RecordsBetweenTwoMarkersAreOneCalls) {
  const KernelTrace trace = tell_calls_apart(
      {marker(0), kernel(10, 11), kernel(12, 13), marker(20), kernel(30, 31), marker(40)}, 2);
  EXPECT_EQ(trace.problem, "");
  ASSERT_EQ(trace.calls.size(), 2);
  ASSERT_EQ(trace.calls[0].size(), 2);
  ASSERT_EQ(trace.calls[1].size(), 1);
  EXPECT_EQ(trace.calls[1][0].start_ns - trace.calls[0][0].start_ns, 20'000);
}

// CUPTI gives them buffer by buffer, and several streams' in no order.
TEST(TellCallsApartTest, TheirOrderDoesNotMatter) {
  const KernelTrace trace = tell_calls_apart(
      {kernel(30, 31), marker(40), kernel(12, 13, 13), marker(0), kernel(10, 15), marker(20)}, 2);
  EXPECT_EQ(trace.problem, "");
  ASSERT_EQ(trace.calls.size(), 2);
  ASSERT_EQ(trace.calls[0].size(), 2);
  EXPECT_EQ(trace.calls[0][0].stream, 7);
  EXPECT_EQ(trace.calls[0][1].stream, 13);
  EXPECT_EQ(trace.calls[1].size(), 1);
}

TEST(TellCallsApartTest, ACallMayDoNothing) {
  const KernelTrace trace =
      tell_calls_apart({marker(0), marker(10), kernel(11, 12), marker(20), marker(30)}, 3);
  EXPECT_EQ(trace.problem, "");
  ASSERT_EQ(trace.calls.size(), 3);
  EXPECT_EQ(trace.calls[0].size(), 0);
  EXPECT_EQ(trace.calls[1].size(), 1);
  EXPECT_EQ(trace.calls[2].size(), 0);
}

TEST(TellCallsApartTest, NoCallsNeedOneMarker) {
  const KernelTrace trace = tell_calls_apart({marker(0)}, 0);
  EXPECT_EQ(trace.problem, "");
  EXPECT_TRUE(trace.calls.empty());
}

TEST(TellCallsApartTest, MarkersMissingOrTooManyAreAProblem) {
  EXPECT_EQ(problem_of({}, 0), "the trace holds 0 markers for 0 calls");
  EXPECT_EQ(problem_of({kernel(0, 1)}, 1), "the trace holds 0 markers for 1 call");
  EXPECT_EQ(problem_of({marker(0), kernel(1, 2)}, 1), "the trace holds 1 marker for 1 call");
  EXPECT_EQ(problem_of({marker(0), marker(10), marker(20)}, 1),
            "the trace holds 3 markers for 1 call");
}

TEST(TellCallsApartTest, RecordsOutsideTheCallsAreAProblem) {
  EXPECT_EQ(problem_of({kernel(-5, -4), marker(0), kernel(3, 4), marker(10)}, 1),
            "the trace holds records of no call");
  EXPECT_EQ(problem_of({marker(0), kernel(3, 4), marker(10), kernel(15, 16)}, 1),
            "the trace holds records of no call");
}

// Whose it is cannot be told: a marker is behind a call on its own stream alone.
TEST(TellCallsApartTest, WorkBesideAMarkerIsAProblem) {
  const std::string beside = "a call's work goes on beside the next call's";
  EXPECT_EQ(problem_of({marker(0), kernel(3, 4), kernel(3, 12, 13), marker(10), marker(20)}, 2),
            beside);
  EXPECT_EQ(problem_of({marker(0), kernel(3, 25, 13), marker(10), kernel(12, 13), marker(30)}, 2),
            beside);
  EXPECT_EQ(problem_of({marker(0), kernel(10.5, 12, 13), marker(10), marker(20)}, 2), beside);
  EXPECT_EQ(problem_of({marker(0), kernel(1, 10), marker(10), kernel(11, 20), marker(20)}, 2), "");
}

TEST(TellCallsApartTest, RecordsWithoutATimeAreAProblem) {
  EXPECT_EQ(problem_of({marker(0), untimed(), kernel(3, 4), marker(10)}, 1),
            "the trace holds 1 record without a time");
  EXPECT_EQ(problem_of({marker(0), untimed(), kernel(4, 3), marker(10)}, 1),
            "the trace holds 2 records without a time");
}

TEST(SummarizeTest, TakesTheMedianOverTheCalls) {
  EXPECT_DOUBLE_EQ(summarize(calls_of({5, 100, 7})).busy_us, 7);
  EXPECT_DOUBLE_EQ(summarize(calls_of({8, 5, 100, 6})).busy_us, 7);
  EXPECT_DOUBLE_EQ(summarize(calls_of({3})).busy_us, 3);
}

TEST(SummarizeTest, CountsTheKernelsOfACall) {
  const CallRecords two{kernel(0, 1), record(RecordKind::copy, 1, 2), kernel(2, 3)};
  const CallRecords three{kernel(0, 1), kernel(1, 2), kernel(2, 3)};
  EXPECT_EQ(summarize({two, two, two}).kernels, 2);
  EXPECT_EQ(summarize({two, three, two}).kernels, 2);
  EXPECT_EQ(summarize({two, three}).kernels, 2.5);
  EXPECT_EQ(summarize({{}}).kernels, 0);
}

TEST(SummarizeTest, TheIntervalIsTheMediansOverTheCalls) {
  EXPECT_FALSE(summarize(calls_of({10, 11, 12, 13, 14})).busy_ci);
  const std::vector<double> busy{17, 11, 12, 13, 14, 15, 16, 10};
  EXPECT_DOUBLE_EQ(summarize(calls_of(busy)).busy_ci.value(),
                   relative_half_width(median_interval(busy).value(), 13.5));
}

TEST(SummarizeTest, EqualTimesLeaveNoDoubt) {
  EXPECT_EQ(summarize(calls_of({4, 4, 4, 4, 4, 4, 4, 4})).busy_ci, 0);
}

TEST(SummarizeTest, NothingDoneHasNoRelativeInterval) {
  const TraceSummary summary = summarize(std::vector<CallRecords>(8));
  EXPECT_EQ(summary.busy_us, 0);
  EXPECT_FALSE(summary.busy_ci);
}

TEST(SummarizeTest, TheBackendIsTheKernels) {
  EXPECT_FALSE(summarize(calls_of({1})).backend);
  const CallRecords fused{
      record(RecordKind::kernel, 0, 1, 7, "nvjet_hsh_128x64_64x7_2x1_v_bz_TNT"),
      record(RecordKind::kernel, 1, 2, 7, "fmha_cutlassF_f16_aligned_64x64_rf_sm80")};
  EXPECT_EQ(summarize({{}, fused}).backend, Backend::efficient);
  // A name of something else that the GPU does is no kernel's.
  const CallRecords copy{record(RecordKind::copy, 0, 1, 7, "fmha_cutlassF_f16")};
  EXPECT_FALSE(summarize({copy}).backend);
}

TEST(ExceedsEventTimeTest, AllowsTwoPercent) {
  EXPECT_FALSE(exceeds_event_time(16, 227));
  EXPECT_FALSE(exceeds_event_time(100, 100));
  EXPECT_FALSE(exceeds_event_time(101.9, 100));
  EXPECT_TRUE(exceeds_event_time(102.1, 100));
}

TEST(RecordKindTest, HasTheNameOfTheOutput) {
  EXPECT_EQ(name_of(RecordKind::kernel), "kernel");
  EXPECT_EQ(name_of(RecordKind::copy), "copy");
  EXPECT_EQ(name_of(RecordKind::set), "set");
  EXPECT_EQ(name_of(RecordKind::marker), "marker");
}

}  // namespace
}  // namespace mhabench
