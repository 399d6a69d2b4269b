#include "mhabench/results/context_keys.h"

#include <set>
#include <string>
#include <string_view>
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

TEST(ContextKeys, StandOnce) {
  std::set<std::string_view> names;
  for (const ContextKey& key : context_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_EQ(find_context_key(key.name), &key);
  }
}

TEST(ContextKeys, AnyOtherIsAUsers) {
  EXPECT_EQ(find_context_key("note"), nullptr);
  EXPECT_EQ(find_context_key(""), nullptr);
}

TEST(ContextKeys, AShardRunsAnywhereOnTheSamePlan) {
  for (const char* const key : {"host_name", "date", "peaks", "devices", "canaries"}) {
    EXPECT_FALSE(find_context_key(key)->same_to_merge) << key;
  }
  for (const char* const key : {"seed", "grid", "gpu_name", "mhabench_revision", "threads"}) {
    EXPECT_TRUE(find_context_key(key)->same_to_merge) << key;
  }
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
