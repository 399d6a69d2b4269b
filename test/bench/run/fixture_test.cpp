#include "bench/run/fixture.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <gtest/gtest.h>

#include "bench/cli/benchmark_arguments.h"
#include "bench/run/single_row.h"
#include "support/paths.h"
#include "support/reports.h"

namespace mhabench::bench {
namespace {

using test::path_script;
using test::scripted_path;

// prepare() makes two: to prime the allocator, and to be checked over poison.
constexpr int kCallsBefore = 2;
constexpr const char* kName = "MHA/scripted/small";

MhaConfig small_config() {
  return {Dtype::fp32, 3, 8, 16, 2, {LengthsKind::replayed, std::nullopt, "small", 1, {8, 3, 1}}};
}

class KeepingReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(repetitions_),
                 [](const Run& run) { return run.run_type == Run::RT_Iteration; });
  }
  const std::vector<Run>& repetitions() const { return repetitions_; }

 private:
  std::vector<Run> repetitions_;
};

BatchPolicy exactly(std::int64_t calls) {
  BatchPolicy policy;
  policy.exactly = calls;
  return policy;
}

// Whatever the pilot says, a batch of about that time.
BatchPolicy at_most(double us) {
  BatchPolicy policy;
  policy.max_us = us;
  policy.strictly = true;
  return policy;
}

// Runs one fixture in Google Benchmark, as the program does.
class FixtureTest : public ::testing::Test {
 protected:
  FixtureTest() { path_script() = {}; }
  ~FixtureTest() override { benchmark::ClearRegisteredBenchmarks(); }

  std::vector<test::Report> run(const Path& path, const BatchPolicy& policy) {
    // The library writes the name into each later context and keeps no copy.
    static std::string program = "test";
    std::vector<std::string> arguments = benchmark_arguments(program, options_);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.front() = program.data();
    argv.push_back(nullptr);
    int argc = static_cast<int>(arguments.size());
    benchmark::Initialize(&argc, argv.data());

    const auto fixture = std::make_shared<MhaFixture>(
        kName, std::make_unique<SingleRow>(path, small_config(), policy, bench_), rows_);
    benchmark::RegisterBenchmark(kName, [fixture](benchmark::State& state) {
      fixture->Run(state);
    })->UseManualTime();
    KeepingReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return reporter.repetitions();
  }

  // Behind the reports of the last run.
  std::vector<Row> rows_of(const std::vector<test::Report>& reports) {
    return rows_.take(kName, reports.size());
  }

  Options options_;
  Workbench bench_{c10::Device(c10::kCPU), 1};
  RowStore rows_;
};

TEST_F(FixtureTest, ARowIsAcceptedAtItsFirstInvocationAndMakesEveryCallItReports) {
  const auto reports = run(scripted_path("scripted"), exactly(5));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].iterations, 5);
  EXPECT_EQ(path_script().calls, kCallsBefore + reports[0].iterations);
}

TEST_F(FixtureTest, TheNameIsCleanButForManualTime) {
  EXPECT_EQ(run(scripted_path("scripted"), exactly(2))[0].benchmark_name(),
            std::string(kName) + "/manual_time");
}

TEST_F(FixtureTest, TheReportAndTheRowSayTheSame) {
  const auto reports = run(scripted_path("scripted"), exactly(6));
  const Row row = rows_of(reports).at(0);
  EXPECT_EQ(row.path, "scripted");
  EXPECT_EQ(row.calls, 6);
  EXPECT_NEAR(reports.at(0).real_accumulated_time, row.real_time_us.value() * 6e-6, 1e-12);
  EXPECT_EQ(reports[0].counters.at("tokens").value, 12);
  EXPECT_EQ(reports[0].counters.at("errors").value, 0);
}

// 20 ms at 2 ms a call: 10 calls, and fewer on a machine with other work, where the pilot's calls
// take longer.
TEST_F(FixtureTest, TheNumberOfCallsKeepsToTheCeiling) {
  const Path path{"spinning", "", test::supports_all,
                  [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                    const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
                    const auto run = [output = slow.run()] {
                      using Clock = std::chrono::steady_clock;
                      const auto end = Clock::now() + std::chrono::milliseconds(2);
                      while (Clock::now() < end) {
                      }
                      return output;
                    };
                    return PreparedCall{run, slow.to_packed};
                  }};
  const auto reports = run(path, at_most(20'000));
  EXPECT_GE(reports.at(0).iterations, 1);
  EXPECT_LE(reports[0].iterations, 10);
  EXPECT_GE(reports[0].real_accumulated_time, 0.002 * static_cast<double>(reports[0].iterations));
}

TEST_F(FixtureTest, AnExactNumberOfCallsIsKept) {
  EXPECT_EQ(run(scripted_path("scripted"), exactly(3)).at(0).iterations, 3);
  EXPECT_EQ(path_script().calls, kCallsBefore + 3);
}

TEST_F(FixtureTest, AMinimalTimeThatIsMissedIsTriedAgainWithMoreCalls) {
  options_.benchmark.min_time_s = 0.02;
  const auto reports = run(scripted_path("scripted"), at_most(1));
  EXPECT_GE(reports.at(0).real_accumulated_time, 0.02);
  EXPECT_EQ(rows_of(reports).at(0).calls, reports[0].iterations) << "of the last invocation";
}

// The library ends the process where they differ.
TEST_F(FixtureTest, RepetitionsMakeTheSameNumberOfCalls) {
  options_.benchmark.repetitions = 4;
  const auto reports = run(scripted_path("scripted"), at_most(2'000));
  ASSERT_EQ(reports.size(), 4U);
  const std::vector<Row> rows = rows_of(reports);
  std::set<std::int64_t> samples;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].iterations, reports[0].iterations);
    EXPECT_EQ(rows.at(i).calls, reports[0].iterations);
    EXPECT_NEAR(reports[i].real_accumulated_time,
                *rows[i].real_time_us * 1e-6 * static_cast<double>(rows[i].calls), 1e-12);
    samples.insert(*rows[i].samples);
  }
  EXPECT_EQ(samples.size(), 1U) << "their scatter is compared";
  EXPECT_GE(path_script().calls, 4 * (kCallsBefore + reports[0].iterations)) << "and a pilot";
}

TEST_F(FixtureTest, TheLibrarysOwnWarmUpDoesNotSetTheNumberOfCalls) {
  options_.benchmark.min_warmup_time_s = 0.05;
  const auto reports = run(scripted_path("scripted"), exactly(5));
  EXPECT_EQ(reports.at(0).iterations, 5);
  EXPECT_EQ(rows_of(reports).at(0).calls, 5);
}

TEST_F(FixtureTest, AFailedPreparationIsARowAndTheRunGoesOn) {
  path_script().throws_at = 1;
  const auto reports = run(scripted_path("scripted"), at_most(1'000));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_TRUE(test::has_failed(reports[0]));
  EXPECT_EQ(test::failure_of(reports[0]), "lost its way");
  EXPECT_EQ(path_script().calls, 1);
  const Row row = rows_of(reports).at(0);
  EXPECT_EQ(row.status, RowStatus::failed);
  EXPECT_EQ(row.tokens, 12);
}

TEST_F(FixtureTest, AFailureWhileItIsTimedIsARowToo) {
  path_script().throws_at = kCallsBefore + 2;
  const auto reports = run(scripted_path("scripted"), exactly(5));
  EXPECT_EQ(test::failure_of(reports.at(0)), "lost its way");
  EXPECT_EQ(path_script().calls, kCallsBefore + 2);
  EXPECT_EQ(rows_of(reports).at(0).errors, 0) << "of the check before";
}

TEST_F(FixtureTest, AFailureOfTheLastCheckIsARowToo) {
  const Path path{"growing", "", test::supports_all,
                  [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                    const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
                    const auto to_packed = [slow](const at::Tensor& output) {
                      const at::Tensor packed = slow.to_packed(output);
                      return ++path_script().calls == 1 ? packed : packed.narrow(0, 0, 1);
                    };
                    return PreparedCall{slow.run, to_packed};
                  }};
  const auto reports = run(path, exactly(5));
  EXPECT_EQ(test::failure_of(reports.at(0)), "the output is [1, 16] and should be [12, 16]");
  EXPECT_EQ(rows_of(reports).at(0).status, RowStatus::failed);
}

TEST_F(FixtureTest, AWrongOutputIsNoFailureOfTheBenchmark) {
  const auto reports = run(test::wrong_path("wrong"), exactly(5));
  EXPECT_FALSE(test::has_failed(reports.at(0)));
  EXPECT_EQ(reports[0].counters.at("errors").value, 1);
  EXPECT_GT(reports[0].real_accumulated_time, 0);
}

TEST_F(FixtureTest, WhatIsNotSupportedIsSkippedWithItsReason) {
  const auto reports = run(test::unsupported_path("elsewhere"), exactly(5));
  EXPECT_EQ(test::failure_of(reports.at(0)), "skipped: needs another machine");
  const Row row = rows_of(reports).at(0);
  EXPECT_EQ(row.status, RowStatus::skipped);
  EXPECT_EQ(row.message, "needs another machine");
}

// The library ends the process where the first of several repetitions failed and two others did
// not, or where one that failed has another number of calls.
TEST_F(FixtureTest, AfterARepetitionThatFailedTheOthersAreReportedAsFailed) {
  constexpr int kCalls = 5;
  constexpr int kAll = kCallsBefore + kCalls;
  const struct {
    int throws_at;
    std::vector<bool> failed;
  } cases[] = {{1, {true, true, true, true}},
               {kAll + 2, {false, true, true, true}},
               {2 * kAll + 2, {false, false, true, true}},
               {2 * kAll + kCallsBefore + 3, {false, false, true, true}},
               {3 * kAll + 2, {false, false, false, true}}};
  for (const auto& [throws_at, expected] : cases) {
    path_script() = {0, 0, throws_at};
    options_.benchmark.repetitions = 4;
    std::vector<bool> failed;
    const auto reports = run(scripted_path("scripted"), exactly(kCalls));
    const std::vector<Row> rows = rows_of(reports);
    ASSERT_EQ(rows.size(), reports.size()) << throws_at;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      failed.push_back(test::has_failed(reports[i]));
      EXPECT_EQ(test::failure_of(reports[i]), failed.back() ? "lost its way" : "");
      EXPECT_EQ(rows[i].status == RowStatus::failed, failed.back());
      EXPECT_EQ(rows[i].tokens, 12);
    }
    EXPECT_EQ(failed, expected) << throws_at;
    EXPECT_EQ(path_script().calls, throws_at) << "what failed is not run again";
    benchmark::ClearRegisteredBenchmarks();
  }
}

}  // namespace
}  // namespace mhabench::bench
