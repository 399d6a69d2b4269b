#include "mhabench/results/pairs.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

using test::beta_config;
using test::ratio_of;
using test::row_without_time;
using test::timed_row;
using test::traced_row;
using test::wrong_row;

// The only pair of rows that are all of one configuration.
Pair only_pair(const std::vector<Row>& rows) {
  const std::vector<Pair> pairs = pair_rows(rows);
  EXPECT_EQ(pairs.size(), 1U);
  return pairs.empty() ? Pair{} : pairs.front();
}

Row agreeing(Row row, bool agrees) {
  row.agrees = agrees;
  return row;
}

Pair pair_of(double slow_us, double fast_us) {
  return only_pair(
      {timed_row("slow", beta_config(), slow_us), timed_row("fast", beta_config(), fast_us)});
}

TEST(PairsTest, SlowAndFastOfOneConfigurationMeet) {
  const Pair pair =
      only_pair({timed_row("slow", beta_config(), 30), timed_row("fast", beta_config(), 12)});
  EXPECT_EQ(pair.config, beta_config());
  EXPECT_EQ(pair.padding, 0.25);
  EXPECT_EQ(pair.slow->us, 30);
  EXPECT_EQ(pair.fast->us, 12);
  EXPECT_EQ(pair.speedup(), 2.5);
  EXPECT_EQ(pair.slow->wrong + pair.slow->failed + pair.fast->wrong + pair.fast->failed, 0);
  EXPECT_EQ(pair.disagreements, 0);
}

TEST(PairsTest, ConfigurationsStandInTheOrderOfTheirFirstRows) {
  const MhaConfig a = beta_config("3.05");
  const MhaConfig b = beta_config("0.05");
  MhaConfig c = a;
  c.dtype = Dtype::bf16;
  const std::vector<Pair> pairs =
      pair_rows({timed_row("fast", a, 1), timed_row("slow", b, 2), timed_row("slow", c, 3),
                 timed_row("slow", a, 4), timed_row("fast", b, 5), timed_row("fast", c, 6)});
  ASSERT_EQ(pairs.size(), 3U);
  EXPECT_EQ(pairs[0].config, a);
  EXPECT_EQ(pairs[0].speedup(), 4.0 / 1);
  EXPECT_EQ(pairs[1].config, b);
  EXPECT_EQ(pairs[1].speedup(), 2.0 / 5);
  EXPECT_EQ(pairs[2].config, c);
  EXPECT_EQ(pairs[2].speedup(), 3.0 / 6);
}

TEST(PairsTest, OtherPathsAreNoPartOfThePairs) {
  const MhaConfig other = beta_config("1.05");
  const std::vector<Pair> pairs =
      pair_rows({timed_row("packed_flash", other, 1), timed_row("slow", beta_config(), 2),
                 timed_row("packed_flash", beta_config(), 3), timed_row("fast_dense", other, 4)});
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].config, beta_config());
  EXPECT_EQ(pairs[0].slow->us, 2);
  EXPECT_FALSE(pairs[0].fast);
}

TEST(PairsTest, RepetitionsGiveTheirMedian) {
  const MhaConfig config = beta_config();
  const auto slow_us = [&](const std::vector<double>& times) {
    std::vector<Row> rows;
    for (const double us : times) rows.push_back(timed_row("slow", config, us));
    return only_pair(rows).slow->us;
  };
  EXPECT_EQ(slow_us({9}), 9);
  EXPECT_EQ(slow_us({9, 2, 4}), 4);
  EXPECT_EQ(slow_us({9, 2, 5, 4}), 4.5);
}

TEST(PairsTest, APathThatWasNotRunIsAbsent) {
  const Pair pair = only_pair({timed_row("fast", beta_config(), 12)});
  EXPECT_FALSE(pair.slow);
  EXPECT_EQ(pair.fast->us, 12);
  EXPECT_EQ(pair.speedup(), std::nullopt);
}

TEST(PairsTest, FailedRowsAreCountedAndHaveNoTime) {
  const Pair pair =
      only_pair({timed_row("slow", beta_config(), 30),
                 row_without_time("fast", beta_config(), RowStatus::failed, "out of memory")});
  EXPECT_EQ(pair.fast->failed, 1);
  EXPECT_EQ(pair.fast->wrong, 0);
  EXPECT_EQ(pair.fast->us, std::nullopt);
  EXPECT_EQ(pair.speedup(), std::nullopt);
}

TEST(PairsTest, TheRepetitionsThatDidNotFailGiveTheTime) {
  const MhaConfig config = beta_config();
  const Pair pair = only_pair({timed_row("slow", config, 30),
                               row_without_time("slow", config, RowStatus::failed, "no"),
                               timed_row("slow", config, 20)});
  EXPECT_EQ(pair.slow->us, 25);
  EXPECT_EQ(pair.slow->failed, 1);
}

TEST(PairsTest, ARowThatWasWrongBeforeItFailedCountsOnce) {
  Row row = row_without_time("fast", beta_config(), RowStatus::failed, "out of memory");
  row.errors = 1;
  const Pair pair = only_pair({row});
  EXPECT_EQ(pair.fast->failed, 1);
  EXPECT_EQ(pair.fast->wrong, 0);
}

TEST(PairsTest, SkippedRowsAreNeitherWrongNorFailed) {
  const Pair pair =
      only_pair({row_without_time("slow", beta_config(), RowStatus::skipped, "needs a GPU")});
  EXPECT_EQ(pair.slow->us, std::nullopt);
  EXPECT_EQ(pair.slow->wrong + pair.slow->failed, 0);
}

TEST(PairsTest, WrongRowsKeepTheirTimeAndHaveNoSpeedUp) {
  const Pair pair =
      only_pair({timed_row("slow", beta_config(), 30), wrong_row("fast", beta_config(), 15),
                 wrong_row("fast", beta_config(), 15)});
  EXPECT_EQ(pair.slow->wrong, 0);
  EXPECT_EQ(pair.fast->wrong, 2);
  EXPECT_EQ(pair.fast->us, 15);
  EXPECT_EQ(pair.speedup(), std::nullopt);
}

TEST(PairsTest, APathOneOfWhoseRepetitionsFailedHasNoSpeedUp) {
  const MhaConfig config = beta_config();
  const Pair pair = only_pair({timed_row("slow", config, 30), timed_row("fast", config, 15),
                               row_without_time("fast", config, RowStatus::failed, "no")});
  EXPECT_EQ(pair.fast->us, 15);
  EXPECT_EQ(pair.speedup(), std::nullopt);
}

TEST(PairsTest, WrongRowsHaveNoSpeedUpByRoundsAndBusyTimeEither) {
  const MhaConfig config = beta_config();
  Row wrong = traced_row("slow", config, 100, 40, 95);
  wrong.errors = 1;
  std::vector<Pair> pairs = pair_rows({wrong, traced_row("fast", config, 200, 10, 30)});
  EXPECT_EQ(pairs[0].busy_speedup(), std::nullopt);
  enter_ratios({ratio_of(config, "event", 1.5, "fast"), ratio_of(config, "busy", 3, "fast")},
               pairs);
  EXPECT_EQ(pairs[0].speedup(), std::nullopt);
  EXPECT_EQ(pairs[0].busy_speedup(), std::nullopt);
}

TEST(PairsTest, DisagreementsAddUpOverTheRowsThatWereCompared) {
  const MhaConfig config = beta_config();
  const Pair pair =
      only_pair({timed_row("slow", config, 30), agreeing(timed_row("fast", config, 12), false),
                 agreeing(timed_row("fast", config, 12), true),
                 agreeing(timed_row("slow", config, 12), false)});
  EXPECT_EQ(pair.disagreements, 2);
}

TEST(PairsTest, SpeedupsAreSummedUpByTheirGeometricMean) {
  const SpeedupSummary summary = summarize({pair_of(40, 10), pair_of(10, 20), pair_of(10, 10)});
  EXPECT_EQ(summary.count, 3U);
  EXPECT_DOUBLE_EQ(summary.geomean, std::cbrt(4 * 0.5));
  EXPECT_EQ(summary.under_one, 1U);
}

TEST(PairsTest, PairsWithoutBothTimesOrWithAWrongOneDoNotCount) {
  const Pair half = only_pair({timed_row("slow", beta_config(), 5)});
  const Pair wrong =
      only_pair({timed_row("slow", beta_config(), 5), wrong_row("fast", beta_config(), 50)});
  const SpeedupSummary some = summarize({half, pair_of(30, 10), wrong});
  EXPECT_EQ(some.count, 1U);
  EXPECT_DOUBLE_EQ(some.geomean, 3);
  EXPECT_EQ(some.under_one, 0U);
  EXPECT_EQ(summarize({half}).count, 0U);
}

TEST(PairsTest, TheGpusBusyTimeHasASpeedUpOfItsOwn) {
  const MhaConfig config = beta_config();
  const Pair pair =
      only_pair({traced_row("slow", config, 100, 40, 95), traced_row("fast", config, 200, 10, 5)});
  EXPECT_EQ(pair.speedup(), 0.5);
  EXPECT_EQ(pair.busy_speedup(), 4);
  EXPECT_TRUE(pair.slow->host_limited);
  EXPECT_FALSE(pair.fast->host_limited);
  EXPECT_EQ(pair_of(30, 12).busy_speedup(), std::nullopt);
}

TEST(PairsTest, HostLimitedIsWhatEachRepetitionIs) {
  const MhaConfig config = beta_config();
  const Pair pair =
      only_pair({traced_row("slow", config, 100, 40, 95), traced_row("slow", config, 100, 40, 20)});
  EXPECT_FALSE(pair.slow->host_limited);
}

// What a line shows stands on the columns beside it, whatever the rounds' own ratio.
TEST(PairsTest, ASpeedupIsTheRatioOfItsColumnsWithRoundsToo) {
  Row slow = traced_row("slow", beta_config(), 30, 60, 15);
  slow.event_us_median = 20;
  slow.event_rounds_us = {19, 21};
  std::vector<Pair> pairs = pair_rows({slow, traced_row("fast", beta_config(), 12, 20, 15)});
  PairRatio other = ratio_of(beta_config(), "event", 9, "packed");
  other.path = "packed";
  enter_ratios({other, ratio_of(beta_config(), "busy", 2.9, "fast"),
                ratio_of(beta_config(), "event", 1.5, "fast"),
                ratio_of(beta_config("3.05"), "event", 7, "fast")},
               pairs);
  EXPECT_EQ(pairs[0].slow->us, 30) << "the mean of its calls";
  EXPECT_EQ(pairs[0].speedup(), 2.5);
  EXPECT_EQ(pairs[0].busy_speedup(), 3);
  EXPECT_EQ(pairs[0].event_ratio->ratio, 1.5);
}

TEST(SpeedupSummaryTest, OfBusyTimesIsItsOwn) {
  const MhaConfig config = beta_config();
  const std::vector<Pair> pairs =
      pair_rows({traced_row("slow", config, 100, 40, 95), traced_row("fast", config, 200, 10, 30)});
  EXPECT_DOUBLE_EQ(summarize(pairs).geomean, 0.5);
  EXPECT_DOUBLE_EQ(summarize_busy(pairs).geomean, 4);
  EXPECT_EQ(summarize_busy(pairs).under_one, 0U);
}

}  // namespace
}  // namespace mhabench
