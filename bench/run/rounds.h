#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/run/fixture.h"
#include "bench/run/planned_row.h"
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

/// A row of that name as a fixture takes it from the rounds of its configuration.
std::unique_ptr<RowSource> row_of_rounds(std::string name, std::shared_ptr<Rounds> rounds);

}  // namespace mhabench::bench
