#include "bench/run/plan.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bench/cli/flags.h"
#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench::bench {
namespace {

const DeviceChoice kCpu{};

Plan plan_of(const std::vector<std::string>& arguments, const DeviceChoice& choice = kCpu) {
  return make_plan(parse_flags(arguments, {path_names()}), arguments, choice);
}

TEST(PlanTest, TheDeviceDecidesWhichGridIsMeantWhereNoneIsNamed) {
  EXPECT_EQ(plan_of({}).grid.name, "cpu");
  EXPECT_EQ(plan_of({}, {c10::Device(c10::kCUDA, 1), ""}).grid.name, "script");
  EXPECT_EQ(plan_of({"--grid=quick"}).grid.name, "quick");
}

TEST(PlanTest, TellsOfTheDeviceWithTheGridThatItChose) {
  const DeviceChoice choice{c10::Device(c10::kCPU), "no GPU; running on the CPU"};
  EXPECT_EQ(plan_of({}, choice).notices,
            std::vector<std::string>{"no GPU; running on the CPU with --grid=cpu"});
  EXPECT_EQ(plan_of({"--grid=quick"}, choice).notices,
            std::vector<std::string>{"no GPU; running on the CPU"});
}

TEST(PlanTest, TellsOfPairsThatDoNotDivide) {
  const Plan plan = plan_of({"--batch=2", "--embed_dim=12,16", "--heads=3,4"});
  EXPECT_EQ(plan.dropped, "left out, since heads must divide embed_dim (embed_dim/heads): 16/3");
  EXPECT_EQ(plan_of({"--batch=2"}).dropped, "");
}

TEST(PlanTest, RotatedL2NeedsAGpu) {
  EXPECT_EQ(test::message_of<InputError>([] { return plan_of({"--l2=rotate"}); }),
            "--l2=rotate needs a GPU; on the CPU, --l2=warm alone is measured");
  const Plan plan = plan_of({"--l2=rotate"}, {c10::Device(c10::kCUDA, 0), ""});
  EXPECT_EQ(plan.rows.front().config.l2, L2Mode::rotate);
}

TEST(PlanTest, AShareSaysWhichRowsOfThePlanItHolds) {
  const Plan whole = plan_of({"--grid=quick"});
  const Plan share = plan_of({"--grid=quick", "--shard=2/3"});
  ASSERT_TRUE(share.shard);
  EXPECT_FALSE(whole.shard);
  EXPECT_LT(share.rows.size(), whole.rows.size());
  for (std::size_t i = 0; i < share.rows.size(); ++i) {
    EXPECT_EQ(share.rows[i].name, whole.rows[share.shard->indices[i]].name);
  }
  EXPECT_EQ(context_of(share).at("shard").at("plan_rows"), whole.rows.size());
  EXPECT_FALSE(context_of(whole).contains("shard"));
}

TEST(PlanTest, EveryRowHasItsPlace) {
  const Plan plan = plan_of({"--grid=quick"});
  const auto positions = positions_of(plan);
  ASSERT_EQ(positions.size(), plan.rows.size());
  for (std::size_t i = 0; i < plan.rows.size(); ++i) EXPECT_EQ(positions.at(plan.rows[i].name), i);
}

TEST(PlanTest, ALostRowFailedInEachOfItsRepetitions) {
  const Plan plan = plan_of({"--batch=2", "--seq_len=8", "--embed_dim=16", "--heads=2", "--beta=1",
                             "--benchmark_repetitions=2"});
  const KeptRow lost = lost_row(plan, 1, "cuda:1", "killed");
  EXPECT_EQ(lost.finished.name, plan.rows[1].name);
  ASSERT_EQ(lost.rows.size(), 2U);
  ASSERT_EQ(lost.finished.reports.size(), 2U);
  for (const auto& report : lost.finished.reports) {
    EXPECT_EQ(report.at("name"), plan.rows[1].full_name());
    EXPECT_EQ(report.at("error_message"), "killed");
    EXPECT_EQ(report.at("device"), "cuda:1");
    EXPECT_EQ(report.at("tokens"), 10);
    EXPECT_EQ(report.at("family_index"), 1);
  }
  EXPECT_EQ(lost.rows[0].status, RowStatus::failed);
}

}  // namespace
}  // namespace mhabench::bench
