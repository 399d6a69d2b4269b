#include "mhabench/compare/pair_ratios.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/rows.h"

namespace mhabench {
namespace {

using test::beta_config;
using test::row_without_time;
using test::timed_row;

Row in_rounds(const char* path, const MhaConfig& config, std::vector<double> event_us,
              std::vector<double> busy_us = {}) {
  Row row = timed_row(path, config, 1);
  row.event_rounds_us = std::move(event_us);
  row.busy_rounds_us = std::move(busy_us);
  return row;
}

TEST(PairRatios, AreOverSlowByBothClocks) {
  const MhaConfig config = beta_config();
  const auto ratios = ratios_of({in_rounds("slow", config, {100, 102, 98}, {50, 51, 49}),
                                 in_rounds("fast", config, {50, 51, 49}, {50, 49, 51})});
  ASSERT_EQ(ratios.size(), 2U);
  EXPECT_EQ(ratios[0].base, "slow");
  EXPECT_EQ(ratios[0].path, "fast");
  EXPECT_EQ(ratios[0].config, config);
  EXPECT_EQ(ratios[0].clock, "event");
  EXPECT_DOUBLE_EQ(ratios[0].ratio, 2) << "of the rounds: each is 2";
  EXPECT_EQ(ratios[0].rounds, 3U);
  EXPECT_EQ(ratios[0].verdict, "fast");
  EXPECT_EQ(ratios[1].clock, "busy");
  EXPECT_LT(ratios[1].low, 1);
  EXPECT_GT(ratios[1].high, 1);
  EXPECT_EQ(ratios[1].verdict, "undecided");
}

TEST(PairRatios, TheFasterIsNamedWhicheverItIs) {
  const MhaConfig config = beta_config();
  const auto ratios =
      ratios_of({in_rounds("fast", config, {100, 102, 98}), in_rounds("slow", config, {50, 51, 49}),
                 in_rounds("packed", config, {25, 25.5, 24.5})});
  ASSERT_EQ(ratios.size(), 2U);
  EXPECT_EQ(ratios[0].path, "fast");
  EXPECT_EQ(ratios[0].verdict, "slow");
  EXPECT_EQ(ratios[1].path, "packed");
  EXPECT_EQ(ratios[1].verdict, "packed");
}

TEST(PairRatios, WithoutSlowTheFirstPathIsTheBase) {
  const MhaConfig config = beta_config();
  const auto ratios =
      ratios_of({in_rounds("fast", config, {50, 51}), in_rounds("packed", config, {25, 25.5})});
  ASSERT_EQ(ratios.size(), 1U);
  EXPECT_EQ(ratios[0].base, "fast");
}

TEST(PairRatios, EachConfigurationHasItsOwn) {
  const auto ratios = ratios_of({in_rounds("slow", beta_config("0.05"), {2, 2.1}),
                                 in_rounds("fast", beta_config("0.05"), {1, 1.1}),
                                 in_rounds("slow", beta_config("0.25"), {1, 1.1}),
                                 in_rounds("fast", beta_config("0.25"), {3, 3.1})});
  ASSERT_EQ(ratios.size(), 2U);
  EXPECT_GT(ratios[0].ratio, 1.5);
  EXPECT_LT(ratios[1].ratio, 0.5);
}

TEST(PairRatios, NeedRoundsOnBothSides) {
  const MhaConfig config = beta_config();
  EXPECT_TRUE(ratios_of({timed_row("slow", config, 2), timed_row("fast", config, 1)}).empty());
  EXPECT_TRUE(ratios_of({in_rounds("slow", config, {2}), in_rounds("fast", config, {1})}).empty());
  EXPECT_TRUE(ratios_of({in_rounds("slow", config, {2, 2}),
                         row_without_time("fast", config, RowStatus::failed, "out of memory")})
                  .empty());
  Row failed = in_rounds("fast", config, {1, 1});
  failed.status = RowStatus::failed;
  EXPECT_TRUE(ratios_of({in_rounds("slow", config, {2, 2}), failed}).empty());
}

TEST(PairRatios, NeedRightRowsOnBothSides) {
  const MhaConfig config = beta_config();
  Row slow = in_rounds("slow", config, {2, 2});
  Row fast = in_rounds("fast", config, {1, 1});
  ASSERT_FALSE(ratios_of({slow, fast}).empty());
  for (Row* const wrong : {&slow, &fast}) {
    wrong->errors = 1;
    EXPECT_TRUE(ratios_of({slow, fast}).empty());
    wrong->errors = 0;
  }
}

TEST(PairRatios, StandInTheFileByTheirNames) {
  const MhaConfig config = beta_config();
  const auto json = ratios_json({test::ratio_of(config, "event", 2, "fast")});
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0].size(), 8U);
  EXPECT_EQ(json[0]["base"], "slow");
  EXPECT_EQ(json[0]["path"], "fast");
  EXPECT_EQ(json[0]["configuration"], "fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85");
  EXPECT_EQ(json[0]["clock"], "event");
  EXPECT_EQ(json[0]["ratio"], 2);
  EXPECT_EQ(json[0]["interval"], (std::vector<double>{2 / 1.1, 2 * 1.1}));
  EXPECT_EQ(json[0]["rounds"], 6);
  EXPECT_EQ(json[0]["verdict"], "fast");
}

}  // namespace
}  // namespace mhabench
