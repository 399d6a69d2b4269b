#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace mhabench {

/// What a comparison does if two files differ in a key.
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

/// A side's value of a key that it does not have.
inline constexpr const char* kNotTold = "none";

/// A part of what two sides say whose values differ.
struct Difference {
  std::string key;
  std::string base, next;
};

/// "gpu_name: NVIDIA H200 against NVIDIA A100".
std::string text_of(const Difference& difference);

/// Contexts as context_texts (results_json.h) gives them.
using Contexts = std::vector<const std::map<std::string, std::string>*>;

/// Where the contexts of both sides are not all the same: in each key of the list for which
/// `matters`, and in its members if it is an object. A side's values are joined by " and ".
std::vector<Difference> differences(const Contexts& base, const Contexts& next,
                                    bool (*matters)(const ContextKey& key));

/// Where the contexts of two results differ in what is true of every row: revision, device model,
/// library versions, precision, grid, lengths, seed, settings of the measurement. A line each,
/// "seed: 1, now 2". Command line, dates, clock states, the GPU's UUID and its index may differ.
std::vector<std::string> differences(const nlohmann::ordered_json& then,
                                     const nlohmann::ordered_json& now);

}  // namespace mhabench
