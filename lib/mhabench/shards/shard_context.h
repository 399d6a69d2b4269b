#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

/// As the text of a JSON object.
std::string json_text(const ShardContext& context);

/// Reads such a text. Throws InputError for what is no such object or contradicts itself: what is
/// wrong with "it".
ShardContext parse_shard_context(std::string_view json);

}  // namespace mhabench
