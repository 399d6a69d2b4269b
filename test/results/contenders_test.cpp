#include "mhabench/results/contenders.h"

#include <cmath>

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

using test::beta_config;
using test::row_without_time;
using test::timed_row;
using test::wrong_row;
using Names = std::vector<std::string>;

Row traced(Row row, double busy_us) {
  row.busy_us = busy_us;
  return row;
}

TEST(Contenders, PathsOfOneConfigurationMeetInTheOrderOfTheirFirstRows) {
  const Contenders contenders = contenders_of({timed_row("slow", beta_config("0.05"), 30),
                                               timed_row("packed_flash", beta_config("0.05"), 10),
                                               timed_row("slow", beta_config("3.05"), 40),
                                               timed_row("fast", beta_config("3.05"), 20)});
  EXPECT_EQ(contenders.paths, (Names{"slow", "packed_flash", "fast"}));
  ASSERT_EQ(contenders.lines.size(), 2U);
  EXPECT_EQ(contenders.lines[0].config, beta_config("0.05"));
  EXPECT_EQ(contenders.lines[0].padding, 0.25);
  EXPECT_EQ(contenders.right_us(contenders.lines[0], 1), 10);
  EXPECT_FALSE(contenders.lines[0].by_path[2]);
  EXPECT_EQ(contenders.speedup(contenders.lines[1], 0, 2), 2.0);
  EXPECT_EQ(contenders.speedup(contenders.lines[0], 0, 2), std::nullopt);
}

TEST(Contenders, BusyTimeIsTheClockWhereEveryMeasuredPathHasIt) {
  const MhaConfig config = beta_config();
  const Row skipped = row_without_time("frontend", config, RowStatus::skipped, "fp32 alone");
  const Contenders busy =
      contenders_of({traced(timed_row("slow", config, 30), 12),
                     traced(timed_row("packed_flash", config, 25), 4), skipped});
  EXPECT_EQ(busy.clock, ContenderClock::busy);
  EXPECT_EQ(busy.speedup(busy.lines[0], 0, 1), 3.0);
  const Contenders event = contenders_of(
      {traced(timed_row("slow", config, 30), 12), timed_row("packed_flash", config, 25)});
  EXPECT_EQ(event.clock, ContenderClock::event);
  EXPECT_EQ(event.speedup(event.lines[0], 0, 1), 30.0 / 25);
}

TEST(Contenders, APathThatWasSkippedEverywhereHasNoColumn) {
  const Contenders contenders = contenders_of(
      {timed_row("slow", beta_config(), 30),
       row_without_time("packed_cpu", beta_config(), RowStatus::skipped, "the CPU's"),
       row_without_time("packed_flash", beta_config(), RowStatus::failed, "out of memory")});
  EXPECT_EQ(contenders.paths, (Names{"slow", "packed_flash"}));
  EXPECT_EQ(contenders.right_us(contenders.lines[0], 1), std::nullopt);
}

TEST(Contenders, AWrongOrFailedPathWinsNothing) {
  const MhaConfig config = beta_config();
  const Contenders contenders = contenders_of(
      {timed_row("slow", config, 30), wrong_row("fast", config, 1), timed_row("a", config, 20),
       timed_row("b", config, 2), row_without_time("b", config, RowStatus::failed, "no")});
  EXPECT_EQ(contenders.ranking(contenders.lines[0]), (std::vector<std::size_t>{2, 0}));
}

TEST(Contenders, RepetitionsAreTakenByTheirMedian) {
  const MhaConfig config = beta_config();
  std::vector<Row> rows;
  for (const double us : {9.0, 2.0, 4.0}) {
    rows.push_back(timed_row("slow", config, us));
    rows.back().pack_us = us + 1;
    rows.back().unpack_us = us + 2;
  }
  rows.pop_back();
  const Contender two = *contenders_of(rows).lines[0].by_path[0];
  EXPECT_EQ(two.pack_us, 6.5);
  rows.push_back(timed_row("slow", config, 4));
  rows.back().pack_us = 5;
  const Contender three = *contenders_of(rows).lines[0].by_path[0];
  EXPECT_EQ(three.summary.us, 4);
  EXPECT_EQ(three.pack_us, 5);
  EXPECT_EQ(three.unpack_us, 7.5);
}

TEST(Contenders, OtherPathsAreThoseBesideSlowAndFast) {
  const Row slow = timed_row("slow", beta_config(), 1);
  const Row fast = timed_row("fast", beta_config(), 1);
  EXPECT_FALSE(has_other_paths({slow, fast}));
  EXPECT_TRUE(has_other_paths({slow, timed_row("slow_graph", beta_config(), 1)}));
}

// Speed-ups of b over slow: 8 and 2; over fast: 4 alone, for fast is wrong on the other.
TEST(ContenderSummary, HoldsWinsAndGeometricMeans) {
  const MhaConfig first = beta_config("0.05");
  const MhaConfig second = beta_config("3.05");
  const auto summaries = summarize(contenders_of(
      {timed_row("slow", first, 80), timed_row("fast", first, 40), timed_row("b", first, 10),
       timed_row("slow", second, 20), wrong_row("fast", second, 1), timed_row("b", second, 10)}));
  ASSERT_EQ(summaries.size(), 3U);
  EXPECT_EQ(summaries[0].path, "slow");
  EXPECT_EQ(summaries[0].wins, 0U);
  EXPECT_EQ(summaries[1].configurations, 1U);
  EXPECT_EQ(summaries[1].over_slow, 2);
  EXPECT_EQ(summaries[2].configurations, 2U);
  EXPECT_EQ(summaries[2].wins, 2U);
  EXPECT_DOUBLE_EQ(summaries[2].over_slow.value(), std::sqrt(8.0 * 2));
  EXPECT_DOUBLE_EQ(summaries[2].over_fast.value(), 4);
}

TEST(ContenderSummary, AloneNobodyWins) {
  const auto summaries = summarize(contenders_of({timed_row("b", beta_config(), 10)}));
  EXPECT_EQ(summaries[0].wins, 0U);
  EXPECT_EQ(summaries[0].over_slow, std::nullopt);
}

// The least of the padded ones on each configuration: 40 and 100; a graph is held against graphs.
TEST(ContendersTest, RaggedPathsAreHeldAgainstTheBestPaddedOne) {
  const MhaConfig first = beta_config("0.05");
  const MhaConfig second = beta_config("3.05");
  const Contenders contenders =
      contenders_of({timed_row("slow", first, 80), timed_row("padded_sdpa", first, 40),
                     timed_row("packed_flash", first, 20), timed_row("slow", second, 100),
                     wrong_row("padded_sdpa", second, 10), timed_row("packed_flash", second, 12.5),
                     timed_row("slow_graph", first, 8), timed_row("packed_flash_graph", first, 4)});
  for (const ContenderSummary& summary : summarize(contenders)) {
    if (is_padded_path(summary.path)) {
      EXPECT_FALSE(summary.over_padded) << summary.path;
    } else {
      EXPECT_DOUBLE_EQ(*summary.over_padded, summary.path == "packed_flash" ? 4 : 2);
    }
  }
}

}  // namespace
}  // namespace mhabench
