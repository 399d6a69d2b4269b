#include "mhabench/work/floor.h"

#include <gtest/gtest.h>

namespace mhabench {
namespace {

// Stages of a thousand FLOPs, bytes and exponentials more or less; rates that make each term a
// round number of microseconds.
LayerWork work() {
  LayerWork work;
  work.in_projection = {6000, 500, 0};
  work.attention = {1000, 400, 90};
  work.out_projection = {2000, 300, 0};
  return work;
}

// A nanosecond a FLOP, 10 ns a byte, 50 ns an exponential.
constexpr PeakRates kPeaks{1e9, 1e8, 2e7};

// In-projection: FLOPs 6 us, bytes 5. Attention: FLOPs 1, bytes 4, exponentials 4.5.
// Out-projection: FLOPs 2, bytes 3.
TEST(FloorUs, AddsTheLargestTermOfEachStage) {
  EXPECT_DOUBLE_EQ(floor_us(work(), kPeaks, true), 6 + 4.5 + 3);
}

TEST(FloorUs, LeavesBytesOutWhereTheyDoNotCount) {
  EXPECT_DOUBLE_EQ(floor_us(work(), kPeaks, false), 6 + 4.5 + 2);
}

TEST(FloorUs, EachTermCanBeTheLimitOfAttention) {
  EXPECT_DOUBLE_EQ(floor_us(work(), {1e8, 1e8, 2e7}, true), 60 + 10 + 20);
  EXPECT_DOUBLE_EQ(floor_us(work(), {1e9, 5e7, 2e7}, true), 10 + 8 + 6);
  EXPECT_DOUBLE_EQ(floor_us(work(), {1e9, 1e8, 1e7}, true), 6 + 9 + 3);
}

// One sequence of 1000 tokens, E = 1000, H = 10, fp16, at 100 TFLOP/s, 1 TB/s and 1e12
// exponentials a second.
// In-projection: 6 * 1e3 * 1e6 = 6e9 FLOPs, 60 us; 2(4e6 + 3e6) = 14e6 bytes, 14 us.
// Attention: 4 * 1e3 * 1e6 = 4e9 FLOPs, 40 us; 8e6 bytes, 8 us; 1e7 exponentials, 10 us.
// Out-projection: 2e9 FLOPs, 20 us; 2(2e6 + 1e6) = 6e6 bytes, 6 us.
TEST(FloorUs, OfALayerIsTheHandComputedOne) {
  const MhaConfig config{Dtype::fp16, 1, 1000, 1000, 10, {}};
  const LayerWork layer = useful_work(config, {1000, 1e6});
  EXPECT_DOUBLE_EQ(floor_us(layer, {1e14, 1e12, 1e12}, true), 60 + 40 + 20);
  // A tenth of the bandwidth: 140, 80 and 60 us of bytes.
  EXPECT_DOUBLE_EQ(floor_us(layer, {1e14, 1e11, 1e12}, true), 140 + 80 + 60);
  // A tenth of the special-function rate: 100 us of exponentials.
  EXPECT_DOUBLE_EQ(floor_us(layer, {1e14, 1e12, 1e11}, true), 60 + 100 + 20);
}

TEST(BytesCount, AboveTheCacheOrWhereItIsRotated) {
  EXPECT_FALSE(bytes_count(1000, 1000, false));
  EXPECT_TRUE(bytes_count(1001, 1000, false));
  EXPECT_TRUE(bytes_count(10, 1000, true));
  EXPECT_TRUE(bytes_count(10, std::nullopt, true));
}

TEST(BytesCount, NotWhereTheCacheIsUnknown) {
  EXPECT_FALSE(bytes_count(1e15, std::nullopt, false));
}

}  // namespace
}  // namespace mhabench
