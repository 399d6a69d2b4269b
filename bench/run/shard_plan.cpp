#include "bench/run/shard_plan.h"

#include <utility>

#include "mhabench/base/fingerprint.h"

namespace mhabench::bench {
namespace {

// On a CPU a path pads nested input. If a path does not say, the dearer is assumed.
bool computes_padding(const Path& path, bool on_gpu) {
  if (path.executes == Executes::nested) return !on_gpu;
  return path.executes != Executes::packed && path.executes != Executes::packed_room;
}

std::vector<std::uint64_t> costs_of(const std::vector<PlannedRow>& plan,
                                    const std::vector<std::size_t>& groups, bool on_gpu) {
  std::vector<std::uint64_t> costs(groups.empty() ? 0 : groups.back() + 1);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    costs[groups[i]] += cost_of(plan[i], on_gpu);
  }
  return costs;
}

std::string fingerprint_of(const std::vector<PlannedRow>& plan) {
  Fingerprint fingerprint;
  for (const PlannedRow& row : plan) fingerprint.add(row.full_name());
  return fingerprint.str();
}

}  // namespace

std::uint64_t cost_of(const PlannedRow& row, bool on_gpu) {
  return predicted_cost(row.config, computes_padding(*row.path, on_gpu), on_gpu);
}

ShardPlan shard_plan_of(std::vector<PlannedRow> plan, const Shard& shard, bool on_gpu) {
  const std::vector<std::size_t> groups = configurations_of(plan);
  const std::vector<int> shares = balanced_shares(costs_of(plan, groups, on_gpu), shard.of);
  ShardPlan part;
  part.context.shard = shard;
  part.context.plan_rows = plan.size();
  part.context.plan_fingerprint = fingerprint_of(plan);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (shares[groups[i]] != shard.index - 1) continue;
    part.context.indices.push_back(i);
    part.context.names.push_back(plan[i].full_name());
    part.rows.push_back(std::move(plan[i]));
  }
  return part;
}

std::string line_of(const ShardContext& context) {
  if (context.names.empty()) {
    return "shard " + text_of(context.shard) +
           " has nothing to run: there are fewer configurations than shards";
  }
  return "shard " + text_of(context.shard) + ": " + std::to_string(context.names.size()) + " of " +
         std::to_string(context.plan_rows) + " rows";
}

}  // namespace mhabench::bench
