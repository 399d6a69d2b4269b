#include "mhabench/measure/row_limits.h"

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

// 1000 tokens in a batch of 2 by 1000, one sequence of 900 and one of 100; E = 100, H = 10, fp16.
// Useful FLOPs: 8 * 1e3 * 1e4 + 4 * 100 * (810000 + 10000) = 80e6 + 328e6 = 408e6.
// Padded: 8 * 2e3 * 1e4 + 4 * 100 * 2 * 1e6 = 160e6 + 800e6 = 960e6.
Row row_on(const std::string& device, std::optional<double> busy_us) {
  MhaConfig config = test::beta_config();
  config.batch = 2;
  config.seq_len = 1000;
  config.embed_dim = 100;
  config.heads = 10;
  Row row = test::timed_row("fast", config, 200);
  row.device = device;
  row.tokens = 1000;
  row.sum_len_sq = 820000;
  row.busy_us = busy_us;
  return row;
}

TEST(RowLimits, WorkOfAPathFollowsWhatItExecutes) {
  Row padded = row_on("cuda:0", 100);
  enter_work(padded, Executes::padded);
  EXPECT_EQ(padded.useful_flops, 408e6);
  EXPECT_EQ(padded.executed_flops, 960e6);
  EXPECT_DOUBLE_EQ(*padded.flops_ratio, 960.0 / 408);
  EXPECT_DOUBLE_EQ(*padded.tflops, 4.08);
  Row packed = row_on("cuda:0", 100);
  enter_work(packed, Executes::packed);
  EXPECT_EQ(packed.executed_flops, 408e6);
  EXPECT_EQ(packed.flops_ratio, 1);
}

// Projections of the tokens, 80e6, and padded attention, 800e6.
TEST(RowLimits, NestedAttentionIsPaddedOnTheCpuAndByTheUnfusedKernels) {
  Row fused = row_on("cuda:0", 100);
  fused.backend = "flash";
  enter_work(fused, Executes::nested);
  EXPECT_EQ(fused.executed_flops, 408e6);
  Row legacy = row_on("cuda:0", 100);
  legacy.backend = "legacy";
  enter_work(legacy, Executes::nested);
  EXPECT_EQ(legacy.executed_flops, 880e6);
  Row cpu = row_on("cpu", std::nullopt);
  enter_work(cpu, Executes::nested);
  EXPECT_EQ(cpu.executed_flops, 880e6);
}

// PyTorch may have taken its unfused code, at a head dim of 12 say.
TEST(RowLimits, NestedAttentionOfUntracedKernelsOnAGpuIsNotKnown) {
  Row row = row_on("cuda:0", std::nullopt);
  enter_work(row, Executes::nested);
  EXPECT_EQ(row.useful_flops, 408e6);
  EXPECT_EQ(row.executed_flops, std::nullopt);
  EXPECT_EQ(row.flops_ratio, std::nullopt);
  Row packed = row_on("cuda:0", std::nullopt);
  enter_work(packed, Executes::packed);
  EXPECT_EQ(packed.executed_flops, 408e6) << "one kernel alone can run it";
}

TEST(RowLimits, WhatIsNotKnownIsAbsent) {
  Row row = row_on("cpu", std::nullopt);
  enter_work(row, std::nullopt);
  enter_floor(row, {1e12, 1e12, 1e12}, std::nullopt);
  EXPECT_EQ(row.useful_flops, 408e6);
  EXPECT_EQ(row.executed_flops, std::nullopt);
  EXPECT_EQ(row.flops_ratio, std::nullopt);
  EXPECT_EQ(row.tflops, std::nullopt);
  EXPECT_TRUE(row.floor_us);
  EXPECT_EQ(row.over_floor, std::nullopt);
}

// At 1 TFLOP/s and 1e12 exponentials a second: projections 60 and 20 us, attention 328 us of FLOPs
// and 8.2 of exponentials. At 0.01 TB/s their bytes are 2(4e5 + 3e4) = 860e3, 86 us;
// 2 * 4e5 = 800e3, 80 us; 2(2e5 + 1e4) = 420e3, 42 us. The working set is 2(6e5 + 4e4) = 1.28e6.
TEST(RowLimits, BytesCountAboveTheCache) {
  const PeakRates peaks{1e12, 1e10, 1e12};
  Row cached = row_on("cuda:0", 816);
  enter_floor(cached, peaks, 1'280'000);
  EXPECT_DOUBLE_EQ(*cached.floor_us, 60 + 328 + 20);
  EXPECT_DOUBLE_EQ(*cached.over_floor, 2);
  Row beyond = row_on("cuda:0", 816);
  enter_floor(beyond, peaks, 1'279'999);
  EXPECT_DOUBLE_EQ(*beyond.floor_us, 86 + 328 + 42);
  Row rotated = row_on("cuda:0", 816);
  rotated.config.l2 = L2Mode::rotate;
  enter_floor(rotated, peaks, 1'280'000);
  EXPECT_DOUBLE_EQ(*rotated.floor_us, 86 + 328 + 42);
}

TEST(RowLimits, ATimeUnderTheFloorIsToldAsItIs) {
  Row row = row_on("cuda:0", 102);
  enter_floor(row, {1e12, 1e12, 1e12}, std::nullopt);
  EXPECT_DOUBLE_EQ(*row.over_floor, 0.25);
}

}  // namespace
}  // namespace mhabench
