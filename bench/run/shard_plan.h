#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/run/planned_row.h"
#include "mhabench/shards/shard.h"
#include "mhabench/shards/shard_context.h"

namespace mhabench::bench {

/// A share of a plan: its rows in the plan's order, and what its results file says of it.
struct ShardPlan {
  std::vector<PlannedRow> rows;
  ShardContext context;
};

/// The predicted cost of a row (see predicted_cost), by what its path executes.
std::uint64_t cost_of(const PlannedRow& row, bool on_gpu);

/// One share of a plan. All shares cost about the same (see cost_of), the paths of a configuration
/// stay together, and every row is in exactly one share. Empty if there are fewer configurations
/// than shares.
ShardPlan shard_plan_of(std::vector<PlannedRow> plan, const Shard& shard, bool on_gpu);

/// "shard 2/8: 320 of 2560 rows", or that there are none.
std::string line_of(const ShardContext& context);

}  // namespace mhabench::bench
