#include "mhabench/results/same_run.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::string>;

Json context() {
  return {{"mhabench_revision", "abc1234"},
          {"gpu_name", "NVIDIA H200"},
          {"gpu_uuid", "GPU-1"},
          {"device", "cuda:0"},
          {"device_index", 0},
          {"torch_version", "2.11.0"},
          {"grid", {{"name", "script"}, {"batch", {16, 32}}, {"beta", {0.05, 0.25}}}},
          {"seed", 26214},
          {"settings", Json::object()},
          {"command_line", {"--resume"}},
          {"date", "2026-01-01"}};
}

Lines with(const Json& change) {
  Json now = context();
  now.update(change);
  return differences(context(), now);
}

TEST(SameRun, WhatMayDifferDoes) {
  EXPECT_EQ(with({{"gpu_uuid", "GPU-2"},
                  {"device", "cuda:1"},
                  {"device_index", 1},
                  {"command_line", {"--benchmark_out=b"}},
                  {"date", "2026-01-02"},
                  {"somebody_elses", true}}),
            Lines{});
}

TEST(SameRun, EachDifferenceIsALine) {
  EXPECT_EQ(with({{"seed", 1}}), Lines{"seed: 26214, now 1"});
  EXPECT_EQ(with({{"gpu_name", "NVIDIA H100"}, {"mhabench_revision", "abc1234-dirty"}}),
            (Lines{"mhabench_revision: abc1234, now abc1234-dirty",
                   "gpu_name: NVIDIA H200, now NVIDIA H100"}));
  EXPECT_EQ(with({{"cudnn_version", "9.1.0"}}), Lines{"cudnn_version: none, now 9.1.0"});
}

TEST(SameRun, OfAnObjectWhatDiffersInIt) {
  EXPECT_EQ(with({{"grid", {{"name", "script"}, {"batch", {16}}, {"heads", {8}}}}}),
            (Lines{"grid.batch: [16,32], now [16]", "grid.beta: [0.05,0.25], now none",
                   "grid.heads: none, now [8]"}));
  EXPECT_EQ(with({{"settings", {{"repetitions", 3}}}}), Lines{"settings.repetitions: none, now 3"});
}

TEST(SameRun, WhatIsMissingThenDiffersToo) {
  EXPECT_FALSE(differences(Json::object(), context()).empty());
  EXPECT_EQ(differences(Json::object(), Json::object()), Lines{});
}

}  // namespace
}  // namespace mhabench
