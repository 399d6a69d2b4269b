#pragma once

#include <functional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "bench/cli/filter.h"
#include "bench/cli/options.h"
#include "bench/run/planned_row.h"
#include "bench/run/row_store.h"
#include "mhabench/config/config.h"
#include "mhabench/measure/batch_plan.h"
#include "mhabench/measure/measurement.h"
#include "mhabench/paths/path.h"

namespace mhabench::bench {

/// The rows of all configurations, the paths of one side by side, that the filter keeps; each name
/// once.
std::vector<PlannedRow> plan_rows(const std::vector<MhaConfig>& configs,
                                  const std::vector<std::string>& paths, const RowFilter& filter);

/// How long rows are timed on a device, as the options ask or by the suite's defaults.
BatchPolicy batch_policy(const Options& options, c10::Device device);

/// How often each row is measured.
std::size_t repetitions_of(const BenchmarkOptions& options);

/// Whether the paths of a configuration take turns.
bool runs_in_rounds(const Options& options);

/// Hands each row to Google Benchmark as a fixture under its name; with more than one round, the
/// paths of a configuration take turns. `begins` is called with the name before each invocation of
/// a row and must not throw. Everything passed must outlive the run.
void register_rows(const std::vector<PlannedRow>& rows, const Options& options,
                   Workbench& workbench, RowStore& store,
                   const std::function<void(const std::string& name)>& begins);

}  // namespace mhabench::bench
