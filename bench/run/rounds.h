#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/run/planned_row.h"
#include "bench/run/row_store.h"
#include "mhabench/measure/batch_plan.h"
#include "mhabench/measure/measurement.h"
#include "mhabench/results/row.h"

namespace mhabench::bench {

/// Measures all paths of a configuration in turn and hands their rows over one by one.
///
/// A round times a batch of each path, in the order of the table in the first, third ... round and
/// backwards in the others (A B B A ...), so that what drifts meets all paths alike. Each path is
/// prepared, checked and planned before the first round; one that fails drops out, and the others
/// go on.
class Rounds {
 public:
  /// `begins` is called with a row's name before each stage of its measurement. Everything passed
  /// must outlive this.
  Rounds(
      const std::vector<PlannedRow>& rows, int rounds, const BatchPolicy& policy,
      Workbench& workbench,
      std::function<void(const std::string& name)> begins = [](const std::string&) {});

  /// The row of that name. The first call for one of a configuration's paths measures them all;
  /// later ones hand over what is stored, each row once.
  Row take(const std::string& name);

 private:
  void measure(const std::vector<const PlannedRow*>& contenders);

  int rounds_;
  BatchPolicy policy_;
  Workbench& workbench_;
  std::function<void(const std::string& name)> begins_;
  std::vector<std::vector<const PlannedRow*>> configurations_;
  std::unordered_map<std::string, std::size_t> configuration_of_;  // by the row's name
  std::unordered_map<std::string, Row> stored_;
};

/// One row as Google Benchmark runs it, its measurement taken from the rounds of its configuration.
class RoundsFixture : public benchmark::Fixture {
 public:
  RoundsFixture(std::string name, Rounds& rounds, RowStore& rows);

  using benchmark::Fixture::SetUp;
  using benchmark::Fixture::TearDown;
  void SetUp(benchmark::State& state) override;
  void TearDown(benchmark::State& state) override;

 protected:
  void BenchmarkCase(benchmark::State& state) override;

 private:
  std::string name_;
  Rounds& rounds_;
  RowStore& rows_;
  Row row_;
};

}  // namespace mhabench::bench
