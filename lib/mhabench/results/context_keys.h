#pragma once

#include <span>
#include <string_view>

namespace mhabench {

/// What a comparison does where two files differ in a key.
enum class Compared { ignored, told, refused };

/// A key of a results file's context that the suite or Google Benchmark writes. Any other is a
/// user's (--benchmark_context), which says nothing of what the rows mean.
struct ContextKey {
  std::string_view name;  ///< parts of objects joined by dots
  bool same_to_resume;    ///< a run can be gone on with only where it is the same
  bool same_to_merge;     ///< shards belong together only where it is
  Compared compared;
};

/// All of them: the one list, for resuming, merging, comparing and refusing a user's key.
std::span<const ContextKey> context_keys();

/// Null where the key is a user's.
const ContextKey* find_context_key(std::string_view name);

}  // namespace mhabench
