#include "mhabench/peaks/peaks.h"

#include <chrono>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "support/batches.h"
#include "support/devices.h"

namespace mhabench {
namespace {

using PeaksTest = test::DeviceTest;

// Between the slowest core that runs this and the fastest GPU in sight.
void expect_sane(const PeakRates& rates) {
  EXPECT_GT(rates.flops, 1e8);
  EXPECT_LT(rates.flops, 1e17);
  EXPECT_GT(rates.bytes, 1e8);
  EXPECT_LT(rates.bytes, 1e14);
  EXPECT_GT(rates.exponentials, 1e6);
  EXPECT_LT(rates.exponentials, 1e14);
}

TEST_P(PeaksTest, AreMeasuredForEachDtype) {
  PeakMeter meter(GetParam());
  for (const Dtype dtype : test::all_dtypes()) {
    const std::optional<PeakRates> rates = meter.rates(dtype);
    ASSERT_TRUE(rates) << meter.problem();
    expect_sane(*rates);
  }
  EXPECT_EQ(meter.known().matrix.size(), 3U);
  EXPECT_TRUE(meter.known().copy->how.starts_with("measured: copy of ")) << meter.known().copy->how;
  const std::string source = GetParam().is_cuda() ? "published: " : "measured: ";
  EXPECT_TRUE(meter.known().exponentials->how.starts_with(source))
      << meter.known().exponentials->how;
  EXPECT_EQ(meter.problem(), "");
}

TEST_P(PeaksTest, NothingIsMeasuredBeforeItIsAskedForAndThenOnce) {
  PeakMeter meter(GetParam());
  EXPECT_TRUE(meter.known().matrix.empty());
  EXPECT_FALSE(meter.known().copy);
  const std::optional<PeakRates> first = meter.rates(Dtype::fp32);
  const std::optional<PeakRates> again = meter.rates(Dtype::fp32);
  EXPECT_EQ(first->flops, again->flops);
  EXPECT_EQ(first->bytes, again->bytes);
  EXPECT_EQ(first->exponentials, again->exponentials);
  EXPECT_EQ(meter.known().matrix.size(), 1U);
}

TEST_P(PeaksTest, GivenRatesStandForEveryDtype) {
  PeakMeter meter(GetParam(), PeakRates{1e14, 2e12, 3e12});
  const std::optional<PeakRates> rates = meter.rates(Dtype::bf16);
  EXPECT_EQ(rates->flops, 1e14);
  EXPECT_EQ(rates->bytes, 2e12);
  EXPECT_EQ(rates->exponentials, 3e12);
  EXPECT_EQ(meter.known().matrix.at(Dtype::bf16).tera, 100);
  EXPECT_EQ(meter.known().copy->how, "given by --peaks");
}

// A run's random numbers must not depend on whether rates were measured.
TEST_P(PeaksTest, DrawNothingFromTheDefaultGenerator) {
  const at::TensorOptions options = at::device(GetParam()).dtype(at::kFloat);
  at::Generator generator = at::globalContext().defaultGenerator(GetParam());
  const at::Tensor state = generator.get_state();
  const at::Tensor expected = at::randn({4}, options);
  generator.set_state(state);
  PeakMeter(GetParam()).rates(Dtype::fp32);
  EXPECT_TRUE(at::equal(at::randn({4}, options), expected));
}

TEST_P(PeaksTest, HowTellsThreadsAndTheSettingOfTf32) {
  PeakMeter meter(GetParam());
  ASSERT_TRUE(meter.rates(Dtype::fp32)) << meter.problem();
  const std::string how = meter.known().matrix.at(Dtype::fp32).how;
  const std::string expected =
      GetParam().is_cuda() ? "in fp32 without TF32"
                           : "in fp32, " + std::to_string(at::get_num_threads()) + " thread";
  EXPECT_NE(how.find(expected), std::string::npos) << how;
}

// Measured rates come near the published ones and not above. The margin of a tenth allows for a
// clock that the driver does not report.
TEST_P(PeaksTest, StayUnderThePublishedOnes) {
  PeakMeter meter(GetParam());
  const Peaks published = meter.published();
  if (GetParam().is_cpu()) {
    EXPECT_TRUE(published.matrix.empty());
    EXPECT_FALSE(published.copy || published.exponentials);
    return;
  }
  constexpr double kMargin = 1.1;
  ASSERT_TRUE(meter.rates(Dtype::fp16)) << meter.problem();
  const Peaks& known = meter.known();
  if (published.matrix.contains(Dtype::fp16)) {
    EXPECT_LT(known.matrix.at(Dtype::fp16).tera, kMargin * published.matrix.at(Dtype::fp16).tera);
  }
  ASSERT_TRUE(published.copy);
  EXPECT_LT(known.copy->tera, kMargin * published.copy->tera);
  EXPECT_GT(known.copy->tera, 0.5 * published.copy->tera);
}

INSTANTIATE_TEST_SUITE_P(Devices, PeaksTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

}  // namespace
}  // namespace mhabench
