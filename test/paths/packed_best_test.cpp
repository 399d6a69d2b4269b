#include <algorithm>
#include <cmath>
#include <iterator>

#include <gtest/gtest.h>

#include "mhabench/paths/packed.h"
#include "support/rows.h"

namespace mhabench::test {
namespace {

struct Measured {
  std::int64_t head_dim, seq_len, batch, tokens;
  double flash_us, cudnn_us, efficient_us;  // busy time of the layer
};

// Half of the configurations behind the rule: beta 0.85 and 3.05, one width a head_dim.
constexpr Measured kMeasured[] = {
    {32, 64, 16, 260, 14.4, 20.8, 13.4},          {32, 64, 16, 540, 15.5, 21.7, 14.8},
    {32, 64, 64, 990, 30.9, 40.8, 23.0},          {32, 64, 64, 2'238, 34.8, 45.1, 27.0},
    {32, 64, 256, 4'042, 95.2, 127.1, 64.5},      {32, 64, 256, 8'830, 115.6, 145.8, 83.7},
    {32, 128, 16, 522, 15.3, 21.8, 18.4},         {32, 128, 16, 1'086, 18.2, 24.2, 23.1},
    {32, 128, 64, 2'002, 34.4, 44.3, 32.5},       {32, 128, 64, 4'504, 42.6, 52.5, 51.5},
    {32, 128, 256, 8'184, 111.9, 142.5, 94.2},    {32, 128, 256, 17'750, 153.5, 177.5, 178.9},
    {32, 256, 16, 1'058, 23.6, 26.8, 27.4},       {32, 256, 16, 2'186, 29.5, 32.5, 41.0},
    {32, 256, 64, 4'054, 50.4, 57.0, 58.3},       {32, 256, 64, 9'018, 94.8, 96.6, 117.9},
    {32, 256, 256, 16'528, 178.7, 191.2, 189.2},  {32, 256, 256, 35'592, 340.0, 325.0, 424.5},
    {32, 512, 16, 2'128, 33.3, 33.5, 46.2},       {32, 512, 16, 4'382, 56.6, 56.0, 86.9},
    {32, 512, 64, 8'146, 97.8, 91.4, 124.2},      {32, 512, 64, 18'066, 204.9, 192.6, 314.0},
    {32, 512, 256, 33'224, 361.7, 328.8, 446.9},  {32, 512, 256, 71'274, 778.1, 703.7, 1174.2},
    {64, 64, 16, 260, 14.0, 18.1, 13.0},          {64, 64, 16, 540, 15.3, 19.3, 14.2},
    {64, 64, 64, 990, 23.3, 33.4, 17.4},          {64, 64, 64, 2'238, 27.5, 37.1, 21.5},
    {64, 64, 256, 4'042, 68.3, 96.8, 44.0},       {64, 64, 256, 8'830, 87.2, 115.6, 63.0},
    {64, 128, 16, 522, 15.1, 19.3, 16.7},         {64, 128, 16, 1'086, 18.0, 21.8, 20.4},
    {64, 128, 64, 2'002, 26.6, 36.9, 26.4},       {64, 128, 64, 4'504, 34.8, 44.4, 40.4},
    {64, 128, 256, 8'184, 83.5, 112.2, 68.6},     {64, 128, 256, 17'750, 123.2, 146.2, 130.4},
    {64, 256, 16, 1'058, 22.1, 24.1, 25.6},       {64, 256, 16, 2'186, 25.1, 28.6, 32.9},
    {64, 256, 64, 4'054, 41.6, 47.1, 44.8},       {64, 256, 64, 9'018, 75.7, 76.1, 87.3},
    {64, 256, 256, 16'528, 139.2, 150.3, 135.6},  {64, 256, 256, 35'592, 263.0, 246.7, 289.6},
    {64, 512, 16, 2'128, 31.2, 28.7, 43.8},       {64, 512, 16, 4'382, 49.2, 45.1, 65.8},
    {64, 512, 64, 8'146, 77.3, 72.5, 91.3},       {64, 512, 64, 18'066, 160.2, 143.2, 210.7},
    {64, 512, 256, 33'224, 275.0, 247.0, 302.1},  {64, 512, 256, 71'274, 585.5, 497.9, 758.1},
    {128, 64, 16, 260, 17.1, 23.0, 17.2},         {128, 64, 16, 540, 19.6, 25.1, 19.8},
    {128, 64, 64, 990, 31.4, 44.8, 34.0},         {128, 64, 64, 2'238, 45.5, 59.2, 48.2},
    {128, 64, 256, 4'042, 104.8, 143.0, 113.1},   {128, 64, 256, 8'830, 165.5, 198.1, 171.9},
    {128, 128, 16, 522, 21.0, 25.2, 21.9},        {128, 128, 16, 1'086, 27.3, 30.8, 28.3},
    {128, 128, 64, 2'002, 45.9, 55.7, 50.1},      {128, 128, 64, 4'504, 83.7, 91.1, 92.9},
    {128, 128, 256, 8'184, 158.0, 188.4, 172.9},  {128, 128, 256, 17'750, 287.0, 303.0, 316.6},
    {128, 256, 16, 1'058, 35.6, 34.4, 34.9},      {128, 256, 16, 2'186, 48.9, 49.7, 56.6},
    {128, 256, 64, 4'054, 88.1, 90.8, 98.2},      {128, 256, 64, 9'018, 166.0, 163.3, 191.3},
    {128, 256, 256, 16'528, 290.9, 304.0, 324.6}, {128, 256, 256, 35'592, 585.8, 580.5, 699.9},
    {128, 512, 16, 2'128, 61.6, 51.4, 62.8},      {128, 512, 16, 4'382, 101.6, 90.5, 119.3},
    {128, 512, 64, 8'146, 157.0, 150.9, 189.4},   {128, 512, 64, 18'066, 335.7, 311.7, 431.4},
    {128, 512, 256, 33'224, 575.6, 566.9, 693.8}, {128, 512, 256, 71'274, 1401.4, 1224.7, 1783.3},
};

MhaConfig config_of(std::int64_t batch, std::int64_t seq_len, std::int64_t head_dim) {
  constexpr std::int64_t kHeads = 8;
  MhaConfig config = beta_config();
  config.batch = batch;
  config.seq_len = seq_len;
  config.embed_dim = head_dim * kHeads;
  config.heads = kHeads;
  return config;
}

double us_of(const Measured& m, PackedKernel kernel) {
  switch (kernel) {
    case PackedKernel::flash:
      return m.flash_us;
    case PackedKernel::cudnn:
      return m.cudnn_us;
    case PackedKernel::efficient:
      return m.efficient_us;
  }
  return 0;
}

TEST(PackedBest, ChoosesNearlyTheFastestWhereItWasMeasured) {
  double logarithms = 0;
  for (const Measured& m : kMeasured) {
    const MhaConfig config = config_of(m.batch, m.seq_len, m.head_dim);
    const double chosen_us = us_of(m, best_packed_kernel(config, m.tokens));
    const double over_best = chosen_us / std::min({m.flash_us, m.cudnn_us, m.efficient_us});
    EXPECT_LE(over_best, 1.11) << m.head_dim << ' ' << m.seq_len << ' ' << m.tokens;
    logarithms += std::log(over_best);
  }
  EXPECT_LE(std::exp(logarithms / static_cast<double>(std::size(kMeasured))), 1.005);
}

TEST(PackedBest, StaysWithFlashForShortSequencesOfWideHeads) {
  EXPECT_EQ(best_packed_kernel(config_of(1 << 14, 64, 128), 1 << 20), PackedKernel::flash);
}

TEST(PackedBest, TakesSmallTilesForShortSequencesOfNarrowHeads) {
  EXPECT_EQ(best_packed_kernel(config_of(1, 64, 64), 64), PackedKernel::efficient);
  EXPECT_EQ(best_packed_kernel(config_of(64, 65, 64), 64 * 65), PackedKernel::flash);
  // Where they are short by their lengths, many of them.
  EXPECT_EQ(best_packed_kernel(config_of(64, 128, 64), 64 * 32), PackedKernel::efficient);
  EXPECT_EQ(best_packed_kernel(config_of(64, 128, 64), 64 * 33), PackedKernel::flash);
  EXPECT_EQ(best_packed_kernel(config_of(16, 128, 64), 16 * 32), PackedKernel::flash);
}

TEST(PackedBest, StaysWithCudnnOnceItIsAhead) {
  for (const std::int64_t head_dim : {8, 32, 64, 128, 256}) {
    bool cudnn = false;
    for (std::int64_t tokens = 1; tokens < 1 << 20; tokens *= 2) {
      const MhaConfig config = config_of(1 << 11, 512, head_dim);
      const bool now = best_packed_kernel(config, tokens) == PackedKernel::cudnn;
      EXPECT_TRUE(now || !cudnn) << head_dim << ' ' << tokens;
      cudnn = now;
    }
    EXPECT_TRUE(cudnn) << head_dim;
  }
}

}  // namespace
}  // namespace mhabench::test
