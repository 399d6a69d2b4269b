#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/run/row_store.h"
#include "mhabench/results/row.h"

namespace mhabench::bench {

/// Where a fixture's rows come from, one an invocation. Nothing throws: a row that failed or is
/// skipped says so itself, goes through the same calls, and takes no time.
class RowSource {
 public:
  virtual ~RowSource() = default;

  /// Before Google Benchmark's loop.
  virtual void prepare() = 0;

  /// How many calls the loop's one batch makes, from 1; Google Benchmark asks for at least `asked`.
  virtual std::int64_t plan_calls(std::int64_t asked) = 0;

  /// In the loop: the batch's time in us.
  virtual double time(std::int64_t calls) = 0;

  /// After the loop: the row.
  virtual Row finish() = 0;
};

/// A row as Google Benchmark runs it. The number of calls is fixed before the batch and handed to
/// KeepRunningBatch, so that a row is accepted at its first invocation and every reported iteration
/// was made. The time is manual, since the GPU's is not the host's. The row's numbers are the
/// benchmark's counters, among them `errors` (1: the output is wrong), and its back end is the
/// label. A row without a time is skipped with an error, "skipped: " before the reason if the path
/// does not support the configuration.
class MhaFixture : public benchmark::Fixture {
 public:
  /// Each row goes to `rows` under the name. Everything passed must outlive this.
  MhaFixture(std::string name, std::unique_ptr<RowSource> source, RowStore& rows);

  using benchmark::Fixture::SetUp;
  using benchmark::Fixture::TearDown;
  void SetUp(benchmark::State& state) override;
  void TearDown(benchmark::State& state) override;

 protected:
  void BenchmarkCase(benchmark::State& state) override;

 private:
  std::string name_;
  std::unique_ptr<RowSource> source_;
  RowStore& rows_;
};

}  // namespace mhabench::bench
