#include "mhabench/paths/packed_best.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <gtest/gtest.h>

namespace mhabench::test {
namespace {

struct Measured {
  std::int64_t head_dim, seq_len, tokens;
  double flash_us, cudnn_us;  // busy time of the layer
};

// A third of the configurations behind the header's table.
constexpr Measured kMeasured[] = {
    {32, 64, 260, 14.4, 20.8},        {32, 64, 990, 30.9, 40.8},
    {32, 64, 4'042, 95.2, 127.1},     {32, 128, 522, 15.3, 21.8},
    {32, 128, 2'002, 34.4, 44.3},     {32, 128, 8'184, 111.9, 142.5},
    {32, 256, 1'058, 23.6, 26.8},     {32, 256, 4'054, 50.4, 57.0},
    {32, 256, 16'528, 178.7, 191.2},  {32, 512, 2'128, 33.3, 33.5},
    {32, 512, 8'146, 97.8, 91.4},     {32, 512, 33'224, 361.7, 328.8},
    {64, 64, 260, 14.0, 18.1},        {64, 64, 990, 23.3, 33.4},
    {64, 64, 4'042, 68.3, 96.8},      {64, 128, 522, 15.1, 19.3},
    {64, 128, 2'002, 26.6, 36.9},     {64, 128, 8'184, 83.5, 112.2},
    {64, 256, 1'058, 22.1, 24.1},     {64, 256, 4'054, 41.6, 47.1},
    {64, 256, 16'528, 139.2, 150.3},  {64, 512, 2'128, 31.2, 28.7},
    {64, 512, 8'146, 77.3, 72.5},     {64, 512, 33'224, 275.0, 247.0},
    {128, 64, 260, 17.1, 23.0},       {128, 64, 990, 31.4, 44.8},
    {128, 64, 4'042, 104.8, 143.0},   {128, 128, 522, 21.0, 25.2},
    {128, 128, 2'002, 45.9, 55.7},    {128, 128, 8'184, 158.0, 188.4},
    {128, 256, 1'058, 35.6, 34.4},    {128, 256, 4'054, 88.1, 90.8},
    {128, 256, 16'528, 290.9, 304.0}, {128, 512, 2'128, 61.6, 51.4},
    {128, 512, 8'146, 157.0, 150.9},  {128, 512, 33'224, 575.6, 566.9},
};

TEST(PackedBest, ChoosesNearlyTheFasterWhereItWasMeasured) {
  double logarithms = 0;
  for (const Measured& m : kMeasured) {
    const bool cudnn = best_packed_kernel(m.tokens, m.seq_len, m.head_dim) == PackedKernel::cudnn;
    const double over_best = (cudnn ? m.cudnn_us : m.flash_us) / std::min(m.cudnn_us, m.flash_us);
    EXPECT_LE(over_best, 1.1) << m.head_dim << ' ' << m.seq_len << ' ' << m.tokens;
    logarithms += std::log(over_best);
  }
  EXPECT_LE(std::exp(logarithms / static_cast<double>(std::size(kMeasured))), 1.01);
}

TEST(PackedBest, StaysWithFlashForShortSequences) {
  EXPECT_EQ(best_packed_kernel(1 << 20, 128, 64), PackedKernel::flash);
}

TEST(PackedBest, StaysWithCudnnOnceItIsAhead) {
  for (const std::int64_t head_dim : {8, 32, 64, 128, 256}) {
    bool cudnn = false;
    for (std::int64_t tokens = 1; tokens < 1 << 20; tokens *= 2) {
      const bool now = best_packed_kernel(tokens, 512, head_dim) == PackedKernel::cudnn;
      EXPECT_TRUE(now || !cudnn) << head_dim << ' ' << tokens;
      cudnn = now;
    }
    EXPECT_TRUE(cudnn) << head_dim;
  }
}

}  // namespace
}  // namespace mhabench::test
