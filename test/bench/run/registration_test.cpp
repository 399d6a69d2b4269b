#include "bench/run/registration.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "support/errors.h"
#include "support/rows.h"

namespace mhabench::bench {
namespace {

using Names = std::vector<std::string>;
using test::beta_config;

const c10::Device kCpu(c10::kCPU);
const c10::Device kCuda(c10::kCUDA, 0);

Names planned(const std::vector<MhaConfig>& configs, const Names& paths,
              const std::string& filter = "") {
  Names names;
  for (const PlannedRow& row : plan_rows(configs, paths, RowFilter(filter))) {
    names.push_back(row.full_name());
  }
  return names;
}

TEST(PlanRowsTest, PathsOfAConfigurationStandSideBySide) {
  EXPECT_EQ(
      planned({beta_config("3.05"), beta_config("0.05")}, {"slow", "fast"}),
      (Names{"MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:3.05/manual_time",
             "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:3.05/manual_time",
             "MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05/manual_time",
             "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05/manual_time"}));
}

TEST(PlanRowsTest, PathsComeInTheOrderThatWasAsked) {
  EXPECT_EQ(
      planned({beta_config()}, {"fast", "slow"}),
      (Names{"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85/manual_time",
             "MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85/manual_time"}));
}

TEST(PlanRowsTest, ARowHasItsPathAndConfiguration) {
  const auto rows = plan_rows({beta_config()}, {"fast"}, RowFilter(""));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85");
  EXPECT_EQ(rows[0].path, &find_path("fast"));
  EXPECT_EQ(rows[0].config, beta_config());
}

TEST(PlanRowsTest, TheFilterSeesTheWholeName) {
  const std::vector<MhaConfig> configs{beta_config("0.85"), beta_config("0.05")};
  EXPECT_EQ(
      planned(configs, {"slow", "fast"}, "/fast/.*beta:0.05/manual_time$"),
      (Names{"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05/manual_time"}));
  EXPECT_EQ(
      planned(configs, {"slow", "fast"}, "-/fast/|0.85"),
      (Names{"MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05/manual_time"}));
  EXPECT_EQ(planned(configs, {"slow", "fast"}, "batch:1/"), Names{});
}

TEST(PlanRowsTest, NoNameStandsTwice) {
  EXPECT_EQ(
      planned({beta_config(), beta_config()}, {"slow", "slow"}),
      (Names{"MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85/manual_time"}));
}

TEST(PlanRowsTest, AnUnknownPathIsRefused) {
  EXPECT_EQ(
      test::message_of<InputError>(
          [] { return plan_rows({beta_config()}, {"slwo"}, RowFilter("")); }),
      "unknown path 'slwo' (allowed: " + join(path_names(), ", ") + "), did you mean 'slow'?");
}

TEST(BatchPolicyTest, TheSuiteDecidesByDevice) {
  const BatchPolicy cpu = batch_policy({}, kCpu);
  EXPECT_EQ(cpu.max_us, 250'000);
  EXPECT_EQ(cpu.min_us, 0);
  EXPECT_EQ(cpu.exactly, std::nullopt);
  const BatchPolicy cuda = batch_policy({}, kCuda);
  EXPECT_EQ(cuda.max_us, 7'500);
  EXPECT_EQ(cuda.gpu_precision, 0.02);
  EXPECT_EQ(cuda.host_precision, 0.05);
  EXPECT_EQ(cuda.pilot_samples, 0);
}

TEST(BatchPolicyTest, PrecisionAndCeilingAreTheUsersWhereGiven) {
  Options options;
  options.precision = 0.01;
  options.max_row_time_s = 2;
  const BatchPolicy policy = batch_policy(options, kCuda);
  EXPECT_EQ(policy.gpu_precision, 0.01);
  EXPECT_EQ(policy.host_precision, 0.01);
  EXPECT_EQ(policy.max_us, 2'000'000);
  EXPECT_EQ(policy.pilot_samples, 5) << "to tell a scatter to plan by";
}

TEST(BatchPolicyTest, AMinimalTimeIsAFloorWithAMargin) {
  Options options;
  options.benchmark.min_time_s = 0.5;
  for (const c10::Device device : {kCpu, kCuda}) {
    EXPECT_DOUBLE_EQ(batch_policy(options, device).min_us, 575'000);
    EXPECT_EQ(batch_policy(options, device).exactly, std::nullopt);
  }
}

TEST(BatchPolicyTest, ANumberOfCallsIsExact) {
  Options options;
  options.benchmark.iterations = 3;
  EXPECT_EQ(batch_policy(options, kCpu).exactly, 3);
}

TEST(BatchPolicyTest, ADryRunIsOneCallWhateverElseIsAsked) {
  Options options;
  options.benchmark.dry_run = true;
  options.benchmark.iterations = 30;
  options.benchmark.min_time_s = 5;
  EXPECT_EQ(batch_policy(options, kCpu).exactly, 1);
}

}  // namespace
}  // namespace mhabench::bench
