#include "mhabench/paths/packed_best.h"

#include <gtest/gtest.h>

namespace mhabench::test {
namespace {

struct Measured {
  std::int64_t head_dim, tokens;
  double flash_us, cudnn_us;
};

// The table of the header.
constexpr Measured kMeasured[] = {
    {32, 7'420, 49, 53}, {32, 23'636, 170, 162}, {32, 104'756, 786, 674},  {64, 478, 7.5, 13.9},
    {64, 7'420, 63, 54}, {64, 68'952, 348, 256}, {64, 104'756, 1049, 709}, {128, 104'756, 796, 543},
};

TEST(PackedBest, ChoosesTheFasterWhereItWasMeasured) {
  for (const Measured& m : kMeasured) {
    EXPECT_EQ(best_packed_kernel(m.tokens, m.head_dim),
              m.cudnn_us < m.flash_us ? PackedKernel::cudnn : PackedKernel::flash)
        << m.head_dim << ' ' << m.tokens;
  }
}

TEST(PackedBest, StaysWithCudnnOnceItIsAhead) {
  for (const std::int64_t head_dim : {8, 32, 64, 128, 256}) {
    bool cudnn = false;
    for (std::int64_t tokens = 1; tokens < 1 << 20; tokens *= 2) {
      const bool now = best_packed_kernel(tokens, head_dim) == PackedKernel::cudnn;
      EXPECT_TRUE(now || !cudnn) << head_dim << ' ' << tokens;
      cudnn = now;
    }
    EXPECT_TRUE(cudnn) << head_dim;
  }
}

}  // namespace
}  // namespace mhabench::test
