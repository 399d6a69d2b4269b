#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "mhabench/shards/shard.h"

namespace mhabench {

/// The key of a results file's context under which a share of a sweep says which one it is.
inline constexpr const char* kShardKey = "shard";

/// More rows than the largest grid has on all paths.
inline constexpr std::size_t kMaxPlanRows = 64'000'000;

/// What a share says of itself, enough to tell whether files together hold a whole plan: names are
/// rows' full names, as --list prints them.
struct ShardContext {
  Shard shard;
  std::size_t plan_rows = 0;         ///< of all shares
  std::string plan_fingerprint;      ///< of the names of all of them, in the plan's order
  std::vector<std::size_t> indices;  ///< of this share's rows in the plan, ascending
  std::vector<std::string> names;    ///< of this share's rows, in that order

  friend bool operator==(const ShardContext&, const ShardContext&) = default;
};

/// As a JSON object.
nlohmann::ordered_json json_of(const ShardContext& context);

/// Reads such an object. Throws InputError with what is wrong: it is no such object, or contradicts
/// itself.
ShardContext shard_context_of(const nlohmann::ordered_json& json);

}  // namespace mhabench
