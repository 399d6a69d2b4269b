#include "mhabench/compare/path_ratio.h"

#include <cmath>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

TEST(PathRatio, IsTheGeometricMeanAndHasAnIntervalWhereRunsRepeat) {
  const RowTimes one{"fast", {std::log(100)}, {std::log(110)}};
  const RowTimes other{"fast", {std::log(10)}, {std::log(12.1)}};
  const PathRatio single = path_ratio({&one, &other}, nullptr);
  EXPECT_NEAR(single.ratio, std::sqrt(1.1 * 1.21), 1e-12);
  EXPECT_FALSE(single.interval) << "nothing is known of the noise";

  const RowTimes twice{"fast", {0.0, 0.02}, {0.1, 0.12}};
  const PathRatio repeated = path_ratio({&twice}, nullptr);
  EXPECT_NEAR(repeated.ratio, std::exp(0.1), 1e-12);
  // 97.5 % of Student's t at 2 degrees of freedom; each side's mean has the variance 0.0002 / 2.
  const double half_width = 4.302652729911275 * std::sqrt(0.0002);
  EXPECT_NEAR(std::log(repeated.interval.value().high), 0.1 + half_width, 1e-9);
  EXPECT_NEAR(std::log(repeated.interval.value().low), 0.1 - half_width, 1e-9);
}

}  // namespace
}  // namespace mhabench
