#include "mhabench/results/row.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

using Numbers = std::vector<std::pair<std::string, double>>;
using Strings = std::vector<std::pair<std::string, std::string>>;
using test::beta_config;
using test::config_with;

Row full_row() {
  Row row;
  row.path = "fast";
  row.config = beta_config();
  row.device = "cuda:1";
  row.seed = 26214;
  row.tokens = 700;
  row.sum_len_sq = 35000;
  row.padding = 0.31640625;
  row.errors = 1;
  row.nonfinite = 3;
  row.max_abs_err = 0.5;
  row.rel_err = 0.25;
  row.rel_bound = 0.001;
  row.worst = {2, 7, 5, 0.5, 0.125};
  row.agrees = false;
  row.calls = 42;
  row.real_time_us = 12.5;
  return row;
}

TEST(RowTest, NumbersStandInTheOrderAndSpellingOfTheResults) {
  const Numbers expected{
      {"batch", 16},          {"seq_len", 64},         {"embed_dim", 512},    {"heads", 8},
      {"head_dim", 64},       {"beta", 0.85},          {"seed", 26214},       {"tokens", 700},
      {"sum_len_sq", 35000},  {"padding", 0.31640625}, {"errors", 1},         {"nonfinite", 3},
      {"max_abs_err", 0.5},   {"rel_err", 0.25},       {"rel_bound", 0.001},  {"worst_err", 0.5},
      {"worst_bound", 0.125}, {"worst_sequence", 2},   {"worst_position", 7}, {"worst_feature", 5},
      {"agrees", 0},
  };
  EXPECT_EQ(numbers_of(full_row()), expected);
}

TEST(RowTest, LimitsAndMemoryStandInTheirOrder) {
  Row row = full_row();
  row.useful_flops = 100;
  row.executed_flops = 250;
  row.flops_ratio = 2.5;
  row.tflops = 0.5;
  row.floor_us = 12;
  row.over_floor = 1.5;
  row.peak_bytes = 4096;
  row.pack_us = 3;
  row.unpack_us = 2;
  const Numbers numbers = numbers_of(row);
  const auto first =
      std::ranges::find(numbers, std::string("useful_flops"), &Numbers::value_type::first);
  const Numbers expected{{"useful_flops", 100}, {"executed_flops", 250}, {"flops_ratio", 2.5},
                         {"tflops", 0.5},       {"floor_us", 12},        {"over_floor", 1.5},
                         {"peak_bytes", 4096},  {"pack_us", 3},          {"unpack_us", 2}};
  EXPECT_EQ(Numbers(first, numbers.end()), expected);
}

TEST(RowTest, NumbersThatAreUnknownAreAbsent) {
  Row row = full_row();
  row.config = config_with({LengthsKind::full, std::nullopt, "", 0, {}});
  row.errors.reset();
  row.nonfinite.reset();
  row.max_abs_err.reset();
  row.rel_err.reset();
  row.rel_bound.reset();
  row.worst.reset();
  row.agrees.reset();
  const Numbers expected{{"batch", 16},   {"seq_len", 64},       {"embed_dim", 512},
                         {"heads", 8},    {"head_dim", 64},      {"seed", 26214},
                         {"tokens", 700}, {"sum_len_sq", 35000}, {"padding", 0.31640625}};
  EXPECT_EQ(numbers_of(row), expected);
}

TEST(RowTest, WhatFollowsFromLengthsThatAreUnknownIsAbsent) {
  Row row;
  row.config = beta_config();
  row.status = RowStatus::failed;
  const Numbers expected{{"batch", 16},    {"seq_len", 64}, {"embed_dim", 512}, {"heads", 8},
                         {"head_dim", 64}, {"beta", 0.85},  {"seed", 0}};
  EXPECT_EQ(numbers_of(row), expected);
}

TEST(RowTest, ARightRowSaysSo) {
  Row row = full_row();
  row.errors = 0;
  row.nonfinite.reset();
  const Numbers numbers = numbers_of(row);
  EXPECT_NE(std::find(numbers.begin(), numbers.end(), std::pair<std::string, double>("errors", 0)),
            numbers.end());
}

TEST(RowTest, NumbersAreNeverNanNorInfinite) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  Row row = full_row();
  row.sum_len_sq = kInf;
  row.padding = std::numeric_limits<double>::quiet_NaN();
  row.max_abs_err = -kInf;
  row.rel_err = std::numeric_limits<double>::quiet_NaN();
  const Numbers expected{{"batch", 16},          {"seq_len", 64},       {"embed_dim", 512},
                         {"heads", 8},           {"head_dim", 64},      {"beta", 0.85},
                         {"seed", 26214},        {"tokens", 700},       {"errors", 1},
                         {"nonfinite", 3},       {"rel_bound", 0.001},  {"worst_err", 0.5},
                         {"worst_bound", 0.125}, {"worst_sequence", 2}, {"worst_position", 7},
                         {"worst_feature", 5},   {"agrees", 0}};
  EXPECT_EQ(numbers_of(row), expected);
}

TEST(RowTest, StringsNamePathDtypeDeviceAndLengths) {
  const Strings expected{
      {"path", "fast"}, {"dtype", "fp16"}, {"device", "cuda:1"}, {"lengths", "script"}};
  EXPECT_EQ(strings_of(full_row()), expected);
}

TEST(RowTest, LengthsAreNamedByTheirSource) {
  const auto lengths_of = [](LengthsSource lengths) {
    Row row = full_row();
    row.config = config_with(std::move(lengths));
    return strings_of(row).back().second;
  };
  const Decimal beta = Decimal::parse("0.85");
  EXPECT_EQ(lengths_of({LengthsKind::beta, beta, "", 0, {}}), "beta");
  EXPECT_EQ(lengths_of({LengthsKind::script, beta, "", 0, {}}), "script");
  EXPECT_EQ(lengths_of({LengthsKind::full, std::nullopt, "", 0, {}}), "full");
  EXPECT_EQ(lengths_of({LengthsKind::uniform, std::nullopt, "", 0, {}}), "uniform");
  EXPECT_EQ(lengths_of({LengthsKind::replayed, std::nullopt, "served", 7, {64, 3}}), "served.7");
}

Row row_of_clocks(double event_us, double host_us, std::optional<double> busy_us, int syncs) {
  Row row;
  row.event_us_median = event_us;
  row.host_us = host_us;
  row.busy_us = busy_us;
  row.syncs = syncs;
  return row;
}

TEST(HostLimited, IsWhatTheGpuWaitsFor) {
  EXPECT_TRUE(host_limited(row_of_clocks(100, 95, 20, 0)));
  EXPECT_TRUE(host_limited(row_of_clocks(100, 104, 20, 1)));
  EXPECT_FALSE(host_limited(row_of_clocks(100, 40, 98, 0))) << "the GPU is the limit";
  EXPECT_FALSE(host_limited(row_of_clocks(100, 101, 99, 1)))
      << "a call that waits for the GPU holds the GPU's time";
  EXPECT_FALSE(host_limited(row_of_clocks(100, 40, 60, 0))) << "gaps between kernels are no host's";
  EXPECT_TRUE(host_limited(row_of_clocks(130, 95, 20, 0)))
      << "a host that was slower during the batch than behind it";
}

TEST(HostLimited, IsToldWithoutATraceWhereACallDoesNotWait) {
  EXPECT_TRUE(host_limited(row_of_clocks(100, 95, std::nullopt, 0)));
  EXPECT_FALSE(host_limited(row_of_clocks(100, 95, std::nullopt, 1)));
}

TEST(HostLimited, IsUnknownOnTheCpu) { EXPECT_FALSE(host_limited(Row{})); }

}  // namespace
}  // namespace mhabench
