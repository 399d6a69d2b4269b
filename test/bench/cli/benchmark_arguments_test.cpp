#include "bench/cli/benchmark_arguments.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench::bench {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& arguments, const std::string& argument) {
  return std::ranges::find(arguments, argument) != arguments.end();
}

const Names kTheSuites{"--benchmark_filter=MHA",
                       "--benchmark_list_tests=false",
                       "--benchmark_report_aggregates_only=false",
                       "--benchmark_display_aggregates_only=false",
                       "--benchmark_format=console",
                       "--benchmark_out=",
                       "--benchmark_out_format=json",
                       "--benchmark_color=auto",
                       "--benchmark_counters_tabular=false",
                       "--benchmark_time_unit="};

Names operator+(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

TEST(BenchmarkArguments, SetEveryFlagOfTheLibrary) {
  EXPECT_EQ(benchmark_arguments("mha_bench", {}, {1, 7}),
            (Names{"mha_bench", "--benchmark_min_time=1e-09", "--benchmark_min_warmup_time=0",
                   "--benchmark_repetitions=1", "--benchmark_enable_random_interleaving=false",
                   "--benchmark_perf_counters=", "--v=0"} +
             kTheSuites));
}

TEST(BenchmarkArguments, PassOnWhatTheSuiteDoesNotDoItself) {
  Options options;
  options.benchmark.filter = "/fast/";
  options.benchmark.format = Format::csv;
  options.benchmark.out = "rows.csv";
  options.benchmark.out_format = Format::csv;
  options.benchmark.min_time_s = 0.5;
  options.benchmark.min_warmup_time_s = 0.125;
  options.benchmark.repetitions = 9;
  options.benchmark.random_interleaving = true;
  options.benchmark.report_aggregates_only = true;
  options.benchmark.display_aggregates_only = true;
  options.benchmark.color = Color::always;
  options.benchmark.counters_tabular = true;
  options.benchmark.context = {{"a", "1"}, {"b", ""}};
  options.benchmark.perf_counters = "CYCLES";
  options.benchmark.time_unit = "ms";
  options.benchmark.verbosity = 2;
  options.benchmark.list_tests = true;
  EXPECT_EQ(benchmark_arguments("mha_bench", options, {1, 8}),
            (Names{"mha_bench", "--benchmark_min_time=0.5s", "--benchmark_min_warmup_time=0.125",
                   "--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
                   "--benchmark_perf_counters=CYCLES", "--v=2"} +
             kTheSuites + Names{"--benchmark_context=a=1", "--benchmark_context=b="}));
}

TEST(BenchmarkArguments, GiveMinTimeAUnitFrom18On) {
  Options options;
  options.benchmark.min_time_s = 0.5;
  const struct {
    LibraryVersion version;
    const char* argument;
  } cases[] = {
      {{1, 7}, "--benchmark_min_time=0.5"},
      {{1, 8}, "--benchmark_min_time=0.5s"},
      {{1, 9}, "--benchmark_min_time=0.5s"},
      {{2, 0}, "--benchmark_min_time=0.5s"},
  };
  for (const auto& [version, argument] : cases) {
    EXPECT_TRUE(contains(benchmark_arguments("x", options, version), argument));
  }
}

TEST(BenchmarkArguments, LeaveANumberOfCallsToTheSuite) {
  Options options;
  options.benchmark.iterations = 20;
  EXPECT_TRUE(contains(benchmark_arguments("x", options, {1, 7}), "--benchmark_min_time=1e-09"));
  EXPECT_TRUE(contains(benchmark_arguments("x", options, {1, 8}), "--benchmark_min_time=1e-09s"));
}

TEST(BenchmarkArguments, LeaveADryRunToTheSuite) {
  Options options;
  options.benchmark.dry_run = true;
  options.benchmark.repetitions = 9;
  options.benchmark.min_time_s = 5;
  options.benchmark.min_warmup_time_s = 5;
  const std::vector<std::string> arguments = benchmark_arguments("x", options, {1, 8});
  EXPECT_TRUE(contains(arguments, "--benchmark_repetitions=1"));
  EXPECT_TRUE(contains(arguments, "--benchmark_min_time=1e-09s"));
  EXPECT_TRUE(contains(arguments, "--benchmark_min_warmup_time=0"));
  EXPECT_TRUE(std::ranges::none_of(
      arguments, [](const std::string& a) { return a.starts_with("--benchmark_dry_run"); }));
  // Where the library knows the flag, BENCHMARK_DRY_RUN must not act past the suite.
  EXPECT_TRUE(contains(benchmark_arguments("x", options, {1, 9}), "--benchmark_dry_run=false"));
}

TEST(BenchmarkArguments, AreForTheLinkedVersionUnlessToldOtherwise) {
  EXPECT_EQ(benchmark_arguments("x", {}), benchmark_arguments("x", {}, linked_library_version()));
  EXPECT_GE(linked_library_version().major, 1);
}

}  // namespace
}  // namespace mhabench::bench
