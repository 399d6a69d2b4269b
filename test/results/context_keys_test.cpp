#include "mhabench/results/context_keys.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

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

}  // namespace
}  // namespace mhabench
