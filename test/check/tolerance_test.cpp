#include "mhabench/check/tolerance.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/check/verdict.h"
#include "mhabench/config/names.h"
#include "mhabench/paths/path.h"
#include "support/batches.h"
#include "support/devices.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

TEST(Tolerance, KnowsTheRoundoffOfEachDtype) {
  EXPECT_EQ(unit_roundoff(Dtype::fp32), 0x1p-24);
  EXPECT_EQ(unit_roundoff(Dtype::fp16), 0x1p-11);
  EXPECT_EQ(unit_roundoff(Dtype::bf16), 0x1p-8);
}

// Widths, lengths and head dims over which the error grows, each with sequences long enough for a
// largest error to be typical.
std::vector<Batch> calibration_batches() {
  return {
      {"narrow", {32, 50, 64, 33}, 64, 8},
      {"narrow_long", {256, 200, 120, 90}, 64, 8},
      {"middle", {128, 100, 40, 128}, 256, 4},
      {"middle_longest", {1500, 900}, 256, 2},
      {"script_small", {64, 64, 48, 40, 64, 36}, 512, 8},
      {"script_long", {512, 300, 512}, 512, 16},
      {"script_wide", {512, 200}, 1024, 8},
  };
}

std::string join_lengths(const std::vector<std::int64_t>& lengths) {
  std::string text;
  for (const std::int64_t length : lengths) text += std::to_string(length) + ' ';
  return text;
}

struct Nearness {
  double elementwise = 0;  // largest error over its bound
  double relative = 0;     // rel_err over its bound
};

Nearness nearness(const PreparedCall& call, const Reference& reference, const Bounds& bounds) {
  const Verdict verdict = check_output(call.to_packed(call.run()), reference, bounds);
  return {verdict.worst->error / verdict.worst->bound, verdict.rel_err.value() / bounds.relative};
}

class ToleranceOnDevice : public DeviceTest {};

// The bounds leave a factor of two to every right output, and are no more than a factor of five
// above the farthest of a dtype: what is off by five times the largest right error does not pass.
// Of one configuration's farthest it may be twenty: how near fp32 sums come depends on the order
// that the processor's library takes them in (0.09 to 0.17 of the bound were seen for the same
// shape).
TEST_P(ToleranceOnDevice, IsNeitherTightNorIdle) {
  const c10::InferenceMode inference;
  for (const Dtype dtype : all_dtypes()) {
    Nearness largest;
    double smallest = 1;
    for (const Batch& batch : calibration_batches()) {
      const Case c = make_case(batch, dtype, GetParam());
      const Reference reference =
          make_reference(c.config, c.inputs, c.weights, default_chunk_bytes(GetParam()));
      const Bounds bounds = make_bounds(c.config, reference);
      double farthest = 0;
      for (const Path& path : path_table()) {
        const Readiness ready = make_ready(path, c, GetParam());
        if (!ready.call) continue;
        SCOPED_TRACE(row_name(path.name, c.config));
        const Nearness seen = nearness(*ready.call, reference, bounds);
        EXPECT_LE(seen.elementwise, 0.5);
        EXPECT_LE(seen.relative, 0.5);
        farthest = std::max(farthest, seen.elementwise);
        largest = {std::max(largest.elementwise, seen.elementwise),
                   std::max(largest.relative, seen.relative)};
      }
      EXPECT_GE(farthest, 0.05) << batch.name << ' ' << name_of(dtype);
      smallest = std::min(smallest, farthest);
    }
    EXPECT_GE(largest.elementwise, 0.2) << name_of(dtype);
    std::cout << GetParam() << ' ' << name_of(dtype) << ": largest right error over its bound "
              << largest.elementwise << " (of the configuration that comes least near " << smallest
              << "), rel_err over its bound " << largest.relative << '\n';
  }
}

// Batches of a few tokens and widths from one on, where sums cancel and single values stand for
// norms.
Batch small_batch(std::mt19937& random) {
  const auto below = [&](std::uint32_t count) {
    return static_cast<std::int64_t>(random() % count);
  };
  const std::int64_t heads = std::int64_t{1} << below(4);
  const std::int64_t widths[] = {1, 2, 3, 8, 16};
  const std::int64_t longest = 1 + below(24);
  std::vector<std::int64_t> lengths(static_cast<std::size_t>(below(10) == 0 ? 30 : 1 + below(8)));
  for (std::int64_t& length : lengths) length = 1 + below(static_cast<std::uint32_t>(longest));
  return {"small", lengths, heads * widths[below(5)], heads};
}

// Many shapes take long (MHABENCH_SHAPES sets their number): graphs, slow's other forms and
// packed_best run what others do.
bool has_kernels_of_its_own(const std::string& path) {
  return !path.ends_with("_graph") && path != "slow_autograd" && path != "packed_best";
}

TEST_P(ToleranceOnDevice, LetsSmallShapesThrough) {
  const c10::InferenceMode inference;
  const char* const asked = std::getenv("MHABENCH_SHAPES");
  const int shapes = asked == nullptr ? 250 : std::atoi(asked);
  for (const Dtype dtype : all_dtypes()) {
    std::mt19937 random(17);
    double farthest = 0;
    for (int shape = 0; shape < shapes; ++shape) {
      const Case c = make_case(small_batch(random), dtype, GetParam(), random());
      const Reference reference = make_reference(c.config, c.inputs, c.weights, 1 << 20);
      const Bounds bounds = make_bounds(c.config, reference);
      for (const Path& path : path_table()) {
        if (!has_kernels_of_its_own(path.name)) continue;
        const Readiness ready = make_ready(path, c, GetParam());
        if (!ready.call) continue;
        const Nearness seen = nearness(*ready.call, reference, bounds);
        EXPECT_LE(std::max(seen.elementwise, seen.relative), 1)
            << row_name(path.name, c.config) << ", " << join_lengths(c.inputs.lengths);
        farthest = std::max({farthest, seen.elementwise, seen.relative});
      }
    }
    std::cout << GetParam() << ' ' << name_of(dtype) << ": nearest to a bound " << farthest << '\n';
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, ToleranceOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
