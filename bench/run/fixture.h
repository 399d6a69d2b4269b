#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/run/row_store.h"
#include "mhabench/config/config.h"
#include "mhabench/measure/batch_plan.h"
#include "mhabench/measure/measurement.h"
#include "mhabench/paths/path.h"

namespace mhabench::bench {

/// Makes a row's numbers the benchmark's counters, and its back end the label.
void enter_counters(benchmark::State& state, const Row& row);

/// Says why a row has no time, once the benchmark's loop has begun.
void skip(benchmark::State& state, const Row& row);

/// One row as Google Benchmark runs it. SetUp makes the row ready and checks it, BenchmarkCase
/// times one batch, TearDown checks the last timed output and hands the row over. The number of
/// calls is fixed before the batch, from the warm-up, and handed to KeepRunningBatch, so that a row
/// is accepted at its first invocation and every reported iteration was made. Repetitions make the
/// same number of calls; after one that failed the others are reported as failed too. A row that
/// the device has no memory for is tried once more on emptied memory.
class MhaFixture : public benchmark::Fixture {
 public:
  MhaFixture(std::string name, const Path& path, MhaConfig config, const BatchPolicy& policy,
             Workbench& workbench, RowStore& rows);

  using benchmark::Fixture::SetUp;
  using benchmark::Fixture::TearDown;
  void SetUp(benchmark::State& state) override;
  void TearDown(benchmark::State& state) override;

 protected:
  void BenchmarkCase(benchmark::State& state) override;

 private:
  std::int64_t planned_calls(const benchmark::State& state);
  std::int64_t first_plan();
  template <typename Stage>
  void attempt(Stage stage);
  template <typename Stage>
  bool finds_memory(Stage stage);
  void start_over();
  void plan_by_pilot();
  void fail(const std::exception& error, bool out_of_memory);
  const Row& row() const;
  bool goes_on() const;

  std::string name_;
  const Path& path_;
  MhaConfig config_;
  BatchPolicy policy_;
  Workbench& workbench_;
  RowStore& rows_;
  std::optional<Measurement> measurement_;  // of the invocation under way
  std::optional<Row> failed_;
  bool is_prepared_ = false;
  bool is_second_try_ = false;
  TimedBatch batch_;
  std::optional<Pilot> pilot_;  // of the first invocation
  std::int64_t asked_ = 0;      // by the library, at the last invocation
  std::int64_t calls_ = 0;      // of the last batch planned; 0 before the first
};

}  // namespace mhabench::bench
