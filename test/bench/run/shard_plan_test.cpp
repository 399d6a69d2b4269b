#include "bench/run/shard_plan.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bench/cli/filter.h"
#include "bench/run/registration.h"
#include "mhabench/config/grid.h"
#include "mhabench/config/names.h"
#include "support/scaling.h"

namespace mhabench::bench {
namespace {

std::vector<PlannedRow> plan_of(const char* grid, const char* filter = "") {
  return plan_rows(expand(named_grid(grid)).configs, {"slow", "fast"}, RowFilter(filter));
}

TEST(ShardPlanOf, EveryRowIsInOneShareAndInThePlansOrder) {
  const std::vector<PlannedRow> plan = plan_of("quick");
  std::map<std::size_t, std::string> names;
  for (int index = 1; index <= 5; ++index) {
    const ShardPlan share = shard_plan_of(plan, {index, 5}, true);
    ASSERT_EQ(share.rows.size(), share.context.indices.size());
    for (std::size_t i = 0; i < share.rows.size(); ++i) {
      EXPECT_TRUE(names.emplace(share.context.indices[i], share.rows[i].full_name()).second);
      EXPECT_EQ(share.context.names[i], share.rows[i].full_name());
      EXPECT_TRUE(i == 0 || share.context.indices[i - 1] < share.context.indices[i]);
    }
  }
  ASSERT_EQ(names.size(), plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) EXPECT_EQ(names[i], plan[i].full_name());
}

TEST(ShardPlanOf, ThePathsOfAConfigurationStayTogether) {
  for (int index = 1; index <= 7; ++index) {
    const ShardPlan share = shard_plan_of(plan_of("quick"), {index, 7}, true);
    std::map<std::string, int> rows;
    for (const PlannedRow& row : share.rows) ++rows[config_name(row.config)];
    for (const auto& [name, count] : rows) EXPECT_EQ(count, 2) << name;
  }
}

TEST(ShardPlanOf, SharesOfOnePlanSayTheSameOfIt) {
  std::set<std::string> fingerprints;
  for (int index = 1; index <= 3; ++index) {
    const ShardPlan share = shard_plan_of(plan_of("quick"), {index, 3}, true);
    EXPECT_EQ(share.context.plan_rows, 96U);
    EXPECT_EQ(share.context.shard, (Shard{index, 3}));
    fingerprints.insert(share.context.plan_fingerprint);
  }
  EXPECT_EQ(fingerprints.size(), 1U);
  fingerprints.insert(
      shard_plan_of(plan_of("quick", "-beta:3.05"), {1, 3}, true).context.plan_fingerprint);
  EXPECT_EQ(fingerprints.size(), 2U) << "another plan";
}

// 400,000 rows, and a quarter of them.
TEST(ShardPlanOf, PlanningAndSharingTakeTimeLinearInTheRows) {
  const auto seconds = [](std::int64_t batches) {
    Grid grid = named_grid("quick");
    grid.batches.clear();
    for (std::int64_t batch = 1; batch <= batches; ++batch) grid.batches.push_back(batch);
    grid.seq_lens = {64};
    grid.betas = {Decimal::parse("0.85")};
    return test::cpu_seconds_of([&] {
      const ShardPlan share = shard_plan_of(
          plan_rows(expand(grid).configs, {"slow", "fast"}, RowFilter("MHA")), {2, 16}, true);
      ASSERT_EQ(share.context.plan_rows, static_cast<std::size_t>(8 * batches));
    });
  };
  EXPECT_LT(seconds(50'000), test::kLinearForFourfold * seconds(12'500));
}

// Whatever its name: a path that is added later costs what it executes.
TEST(CostOf, FollowsWhatThePathExecutes) {
  const MhaConfig config = expand(named_grid("quick")).configs.back();
  Path path;
  path.name = "added_later";
  const auto cost = [&](std::optional<Executes> executes, bool on_gpu) {
    path.executes = executes;
    return cost_of({"row", &path, config}, on_gpu);
  };
  const auto padded = [&](bool on_gpu) { return cost(Executes::padded, on_gpu); };
  const auto packed = [&](bool on_gpu) { return cost(Executes::packed, on_gpu); };
  for (const bool on_gpu : {false, true}) {
    EXPECT_LT(packed(on_gpu), padded(on_gpu));
    EXPECT_EQ(cost(std::nullopt, on_gpu), padded(on_gpu));
  }
  EXPECT_EQ(cost(Executes::packed_room, true), packed(true));
  EXPECT_EQ(cost(Executes::nested, true), packed(true));
  EXPECT_EQ(cost(Executes::nested, false), padded(false)) << "PyTorch pads there";
}

TEST(ShardPlanOf, MoreSharesThanConfigurationsLeaveSomeEmpty) {
  const std::vector<PlannedRow> plan = plan_of("quick", "batch:16/seq_len:64/.*heads:8/beta:0.05/");
  ASSERT_EQ(plan.size(), 4U);
  EXPECT_EQ(shard_plan_of(plan, {2, 3}, true).rows.size(), 2U);
  const ShardPlan empty = shard_plan_of(plan, {3, 3}, true);
  EXPECT_TRUE(empty.rows.empty());
  EXPECT_EQ(line_of(empty.context),
            "shard 3/3 has nothing to run: there are fewer configurations than shards");
  EXPECT_EQ(line_of(shard_plan_of(plan, {2, 3}, true).context), "shard 2/3: 2 of 4 rows");
}

}  // namespace
}  // namespace mhabench::bench
