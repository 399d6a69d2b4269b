#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <c10/core/Device.h>
#include <nlohmann/json_fwd.hpp>

#include "bench/cli/options.h"
#include "bench/run/planned_row.h"
#include "bench/run/run_journal.h"
#include "mhabench/config/grid.h"
#include "mhabench/device/device.h"
#include "mhabench/measure/needs.h"
#include "mhabench/shards/shard_context.h"

namespace mhabench::bench {

/// What to run, and on which device.
struct Plan {
  Options options;
  std::vector<std::string> command_line;
  c10::Device device = c10::Device(c10::kCPU);
  Grid grid;
  std::vector<PlannedRow> rows;
  std::optional<ShardContext> shard;  ///< If the rows are a share of the grid's.
  std::string dropped;  ///< A line of pairs of embed_dim and heads that do not divide, or empty.
  std::vector<std::string> notices;  ///< Lines to print before the run.
};

/// Throws InputError as expansion_of does, and for what the device cannot do.
Plan make_plan(Options options, std::vector<std::string> command_line, const DeviceChoice& choice);

/// The context of its results file, rows' peaks and the device's state apart.
nlohmann::ordered_json context_of(const Plan& plan);

/// The place of each row in the plan, from 0, by name.
std::unordered_map<std::string, std::size_t> positions_of(const Plan& plan);

/// The rows that nothing is kept of, in their order.
std::vector<PlannedRow> rows_left(const Plan& plan, const RunJournal& journal);

/// The row at this place of the plan, whose process ended in it on this device ("cuda:0"): its
/// repetitions all failed with `message`.
KeptRow lost_row(const Plan& plan, std::size_t position, const std::string& device,
                 const std::string& message);

/// Throws InputError if there are rows and none of them fits. If some fit, nothing is thrown: only
/// the rows that are too large fail, when they run.
void check_any_fits(const std::vector<PlannedRow>& rows, const Room& room);

}  // namespace mhabench::bench
