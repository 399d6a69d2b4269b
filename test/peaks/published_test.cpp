#include "mhabench/peaks/published.h"

#include <gtest/gtest.h>

namespace mhabench {
namespace {

// An H200 as its driver tells it.
constexpr GpuFacts kH200{9, 0, 132, 1.98e9, 3.201e9, 6144};

// 4096 * 132 * 1.98e9 = 1070.5e12.
TEST(PublishedPeaks, OfAnH200AreItsTensorCores) {
  const Peaks peaks = published_peaks(kH200, false);
  EXPECT_NEAR(peaks.matrix.at(Dtype::fp16).tera, 1070.5, 0.1);
  EXPECT_EQ(peaks.matrix.at(Dtype::bf16).tera, peaks.matrix.at(Dtype::fp16).tera);
  EXPECT_EQ(peaks.matrix.at(Dtype::fp16).how,
            "published: 4096 a clock and multiprocessor, at the highest clock");
}

// 256 * 132 * 1.98e9 = 66.9e12 by multiply-adds; 2048 of them a clock as TF32.
TEST(PublishedPeaks, SinglePrecisionFollowsTheSettingOfTf32) {
  EXPECT_NEAR(published_peaks(kH200, false).matrix.at(Dtype::fp32).tera, 66.9, 0.1);
  EXPECT_NEAR(published_peaks(kH200, true).matrix.at(Dtype::fp32).tera, 535.3, 0.1);
}

// 2 * 3.201e9 * 6144 / 8 = 4.917e12; 16 * 132 * 1.98e9 = 4.182e12.
TEST(PublishedPeaks, MemoryAndExponentialsFollowTheirClocks) {
  const Peaks peaks = published_peaks(kH200, false);
  EXPECT_NEAR(peaks.copy->tera, 4.917, 0.001);
  EXPECT_EQ(peaks.copy->how, "published: two transfers a memory clock over a bus of 6144 bits");
  EXPECT_NEAR(peaks.exponentials->tera, 4.182, 0.001);
}

// A V100 has no bf16 and no TF32: 1024 * 80 * 1.53e9 = 125.3e12, 128 * 80 * 1.53e9 = 15.7e12.
TEST(PublishedPeaks, WhatAGpuLacksIsAbsent) {
  const Peaks peaks = published_peaks({7, 0, 80, 1.53e9, 0, 0}, true);
  EXPECT_NEAR(peaks.matrix.at(Dtype::fp16).tera, 125.3, 0.1);
  EXPECT_NEAR(peaks.matrix.at(Dtype::fp32).tera, 15.7, 0.1);
  EXPECT_FALSE(peaks.matrix.contains(Dtype::bf16));
  EXPECT_FALSE(peaks.copy);
}

TEST(PublishedPeaks, OfAnUnknownCapabilityAreThoseOfTheClocks) {
  const Peaks peaks = published_peaks({8, 6, 82, 1.7e9, 9.75e9, 384}, false);
  EXPECT_TRUE(peaks.matrix.empty());
  EXPECT_TRUE(peaks.copy);
  EXPECT_TRUE(peaks.exponentials);
}

TEST(PublishedPeaks, OfNothingAreNone) {
  const Peaks peaks = published_peaks({}, false);
  EXPECT_TRUE(peaks.matrix.empty());
  EXPECT_FALSE(peaks.copy);
  EXPECT_FALSE(peaks.exponentials);
}

}  // namespace
}  // namespace mhabench
