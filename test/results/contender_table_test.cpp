#include "mhabench/results/contender_table.h"

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

using test::beta_config;
using test::row_without_time;
using test::timed_row;
using test::wrong_row;

std::vector<Row> three_paths() {
  const MhaConfig first = beta_config("0.05");
  const MhaConfig second = beta_config("3.05");
  return {timed_row("slow", first, 100),          timed_row("fast", first, 200),
          timed_row("packed_flash", first, 12.5), timed_row("slow", second, 90),
          timed_row("fast", second, 45),          wrong_row("packed_flash", second, 9)};
}

// Speed-ups over slow: fast 0.5 and 2, packed_flash 8 where it is right; over fast: slow 2 and 0.5,
// packed_flash 16.
constexpr const char* kSummary =
    "\n"
    "Speed-ups by event time, geometric means\n"
    "        path  configurations  wins  over slow  over fast  over best padded\n"
    "        slow               2     0      1.000      1.000                 -\n"
    "        fast               2     1      1.000      1.000             1.000\n"
    "packed_flash               1     1      8.000     16.000             8.000\n";

TEST(ContenderTable, IsALineAConfigurationWithAColumnAPath) {
  const std::string expected =
      std::string(
          "By event time of a call, in us: * is the fastest, ! is wrong, x is the speed-up over "
          "slow\n"
          "dtype  batch  seq_len  embed_dim  heads  beta  padding    slow          fast  "
          "packed_flash\n"
          " fp16     16       64        512      8  0.05    0.250  100.0   200.0  0.50x   12.5* "
          "8.00x\n"
          " fp16     16       64        512      8  3.05    0.250   90.0    45.0* 2.00x    9.0! "
          "     \n") +
      kSummary;
  EXPECT_EQ(contender_table(contenders_of(three_paths()), 120), expected);
}

TEST(ContenderTable, IsAListOfWinnersWhereItWouldBeTooWide) {
  const std::string expected =
      std::string(
          "Winners by event time of a call, in us (--save_path keeps every path's)\n"
          "dtype  batch  seq_len  embed_dim  heads  beta  padding        winner    us  second  "
          "over "
          "it  over slow\n"
          " fp16     16       64        512      8  0.05    0.250  packed_flash  12.5    slow     "
          "8.00       8.00\n"
          " fp16     16       64        512      8  3.05    0.250          fast  45.0    slow     "
          "2.00       2.00\n") +
      kSummary;
  EXPECT_EQ(contender_table(contenders_of(three_paths()), 80), expected);
}

TEST(ContenderTable, AsWideAsItIsItStillFits) {
  const Contenders contenders = contenders_of(three_paths());
  const std::string wide = contender_table(contenders, 120);
  const std::size_t start = wide.find('\n') + 1;
  const std::size_t width = wide.find('\n', start) - start;
  EXPECT_EQ(contender_table(contenders, width), wide);
  EXPECT_NE(contender_table(contenders, width - 1), wide);
}

TEST(ContenderTable, WithoutSlowThereIsNoSpeedup) {
  const std::string expected =
      "By event time of a call, in us: * is the fastest, ! is wrong\n"
      "dtype  batch  seq_len  embed_dim  heads  beta  padding      a      b\n"
      " fp16     16       64        512      8  0.85    0.250  20.0   10.0*\n"
      "\n"
      "Speed-ups by event time, geometric means\n"
      "path  configurations  wins  over slow  over fast  over best padded\n"
      "   a               1     0          -          -                 -\n"
      "   b               1     1          -          -                 -\n";
  EXPECT_EQ(contender_table(contenders_of({timed_row("a", beta_config(), 20),
                                           timed_row("b", beta_config(), 10)}),
                            120),
            expected);
}

TEST(ContenderTable, WhatWasNotMeasuredIsADash) {
  const std::string table = contender_table(
      contenders_of({timed_row("slow", beta_config("0.05"), 20),
                     row_without_time("a", beta_config("0.05"), RowStatus::failed, "no"),
                     row_without_time("a", beta_config("3.05"), RowStatus::failed, "no")}),
      120);
  EXPECT_NE(table.find("  0.05    0.250  20.0   - \n"), std::string::npos) << table;
  EXPECT_NE(table.find("  3.05    0.250     -   - \n"), std::string::npos) << table;
}

TEST(ContenderTable, TheClockIsNamed) {
  std::vector<Row> rows = three_paths();
  for (Row& row : rows) row.busy_us = 1;
  const std::string table = contender_table(contenders_of(rows), 120);
  EXPECT_TRUE(table.starts_with("By GPU busy time of a call")) << table;
  EXPECT_NE(table.find("\nSpeed-ups by GPU busy time"), std::string::npos) << table;
}

TEST(ContenderTable, OfNothingIsEmpty) { EXPECT_EQ(contender_table({}, 120), ""); }

}  // namespace
}  // namespace mhabench
