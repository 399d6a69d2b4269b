#include "bench/run/rounds.h"

#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include "support/devices.h"
#include "support/paths.h"

namespace mhabench::bench {
namespace {

using test::path_script;
using test::PathScript;
using test::supports_all;

constexpr std::uint64_t kSeed = 7;
constexpr int kRounds = 4;
constexpr int kCalls = 3;

MhaConfig config_of(int heads) {
  return {Dtype::fp32, 3, 8, 16, heads, {LengthsKind::replayed, std::nullopt, "x", 1, {8, 3, 1}}};
}

// The paths that were called, one letter a call.
std::string& calls_made() {
  static std::string calls;
  return calls;
}

template <char kLetter>
Path noted_path(std::string_view name) {
  return {std::string(name), "notes its calls", supports_all,
          [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
            const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
            const auto run = [slow] {
              calls_made() += kLetter;
              return slow.run();
            };
            return PreparedCall{run, slow.to_packed};
          }};
}

class RoundsTest : public ::testing::Test {
 protected:
  RoundsTest() {
    calls_made().clear();
    path_script() = {};
    policy_.exactly = kCalls;
  }

  void add(const Path& path, int heads = 2) {
    rows_.push_back(
        {std::string(path.name) + '/' + std::to_string(heads), &path, config_of(heads)});
  }

  Rounds& rounds() {
    if (!rounds_) rounds_.emplace(rows_, kRounds, policy_, bench_);
    return *rounds_;
  }

  std::vector<PlannedRow> rows_;
  BatchPolicy policy_;
  Workbench bench_{c10::Device(c10::kCPU), kSeed};
  std::optional<Rounds> rounds_;
};

TEST_F(RoundsTest, PathsTakeTurnsAndEveryOtherRoundRunsBackwards) {
  const Path a = noted_path<'a'>("a");
  const Path b = noted_path<'b'>("b");
  add(a);
  add(b);
  rounds().take("a/2");
  const std::size_t timed = 2 * kRounds * kCalls;
  ASSERT_GE(calls_made().size(), timed);
  EXPECT_EQ(calls_made().substr(calls_made().size() - timed), "aaabbbbbbaaaaaabbbbbbaaa");
}

TEST_F(RoundsTest, TheFirstRowMeasuresAllAndTheOthersAreHandedOver) {
  const Path a = noted_path<'a'>("a");
  const Path b = noted_path<'b'>("b");
  add(a);
  add(b);
  const Row first = rounds().take("b/2");
  const std::string calls = calls_made();
  const Row second = rounds().take("a/2");
  EXPECT_EQ(calls_made(), calls) << "nothing is measured twice";
  EXPECT_EQ(first.path, "b");
  EXPECT_EQ(second.path, "a");
  for (const Row& row : {first, second}) {
    EXPECT_EQ(row.status, RowStatus::measured);
    EXPECT_EQ(row.errors, 0);
    EXPECT_EQ(row.calls, kRounds * kCalls);
    EXPECT_EQ(row.event_rounds_us.size(), kRounds);
    EXPECT_GT(row.cpu_us.value(), 0);
    EXPECT_LE(row.event_us_p05.value(), row.event_us_median.value());
  }
}

TEST_F(RoundsTest, AnotherConfigurationIsMeasuredWhenItsTurnComes) {
  const Path a = noted_path<'a'>("a");
  const Path b = noted_path<'b'>("b");
  add(a, 2);
  add(b, 4);
  rounds().take("a/2");
  EXPECT_EQ(calls_made().find('b'), std::string::npos);
  EXPECT_EQ(rounds().take("b/4").config.heads, 4);
}

// It is prepared first, and throws once the other one has been called: in the first round.
TEST_F(RoundsTest, APathThatFailsDropsOutAndTheOthersGoOn) {
  const Path failing{"failing", "", supports_all,
                     [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                       const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
                       const auto run = [slow] {
                         path_script().calls += calls_made().empty() ? 0 : 1;
                         TORCH_CHECK(calls_made().empty(), "lost its way");
                         return slow.run();
                       };
                       return PreparedCall{run, slow.to_packed};
                     }};
  const Path b = noted_path<'b'>("b");
  add(failing);
  add(b);
  const Row failed = rounds().take("failing/2");
  EXPECT_EQ(failed.status, RowStatus::failed);
  EXPECT_EQ(failed.message, "lost its way");
  EXPECT_EQ(path_script().calls, 1) << "it is not called again";
  const Row other = rounds().take("b/2");
  EXPECT_EQ(other.status, RowStatus::measured);
  EXPECT_EQ(other.event_rounds_us.size(), kRounds);
}

// Its calls count how many of them are there, and the first to run is short of memory.
Path short_of_memory_at_first(std::string_view name) {
  return {std::string(name), "counts its calls that are there", supports_all,
          [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
            static std::weak_ptr<int> last;
            PathScript& script = path_script();
            ++script.calls;
            script.wrong_call += last.expired() ? 0 : 1;
            const auto alive = std::make_shared<int>(script.calls);
            last = alive;
            const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
            const auto run = [slow, alive] {
              if (*alive == 1) C10_THROW_ERROR(OutOfMemoryError, "tried to allocate 8 bytes");
              return slow.run();
            };
            return PreparedCall{run, slow.to_packed};
          }};
}

TEST_F(RoundsTest, WhatRanOutOfMemoryStartsOverWithoutWhatItHeld) {
  const Path path = short_of_memory_at_first("short");
  add(path);
  const Row row = rounds().take("short/2");
  EXPECT_EQ(row.status, RowStatus::measured) << row.message;
  EXPECT_EQ(row.event_rounds_us.size(), kRounds);
  EXPECT_EQ(path_script().calls, 2) << "prepared twice";
  EXPECT_EQ(path_script().wrong_call, 0) << "the first call was still there at the second try";
}

TEST_F(RoundsTest, APathThatIsNotSupportedIsSkippedWithItsReason) {
  const Path elsewhere = test::unsupported_path("elsewhere");
  const Path b = noted_path<'b'>("b");
  add(elsewhere);
  add(b);
  EXPECT_EQ(rounds().take("elsewhere/2").status, RowStatus::skipped);
  EXPECT_EQ(rounds().take("b/2").status, RowStatus::measured);
}

TEST_F(RoundsTest, TheLastOutputOfARoundIsChecked) {
  const Path turning{"turning", "right at its first two calls alone", supports_all,
                     [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                       const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
                       const auto run = [slow] {
                         const at::Tensor output = slow.run();
                         return ++path_script().calls > 2 ? output + 0.5 : output;
                       };
                       return PreparedCall{run, slow.to_packed};
                     }};
  add(turning);
  EXPECT_EQ(rounds().take("turning/2").errors, 1);
}

}  // namespace
}  // namespace mhabench::bench
