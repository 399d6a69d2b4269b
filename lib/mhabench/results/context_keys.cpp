#include "mhabench/results/context_keys.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "mhabench/base/text.h"
#include "mhabench/results/results_json.h"

namespace mhabench {
namespace {

constexpr bool kSame = true;
constexpr bool kAny = false;
using enum Compared;

// Where and when a share ran may differ between shares: it is not what their rows mean. Peaks are
// measured where their rows run.
constexpr ContextKey kKeys[] = {
    // key, to resume, to merge, compared
    {"mhabench_schema", kSame, kSame, ignored},
    {"mhabench_version", kSame, kSame, told},
    {"mhabench_revision", kSame, kSame, told},
    {"device", kAny, kSame, ignored},
    {"devices", kAny, kAny, ignored},
    {"device_index", kAny, kAny, ignored},
    {"gpu_name", kSame, kSame, refused},
    {"gpu_uuid", kAny, kAny, told},
    {"driver_version", kSame, kSame, told},
    {"compute_capability", kAny, kSame, ignored},
    {"sm_count", kAny, kSame, ignored},
    {"memory_bytes", kAny, kSame, ignored},
    {"l2_bytes", kAny, kSame, ignored},
    {"power_limit_watts", kAny, kSame, told},
    {"cpu_model", kSame, kSame, told},
    {"cpu_governor", kAny, kSame, told},
    {"num_cpus", kAny, kAny, told},
    {"host_name", kAny, kAny, told},
    {"threads", kSame, kSame, told},
    {"torch_version", kSame, kSame, told},
    {"cuda_version", kSame, kSame, told},
    {"cublas_version", kSame, kSame, told},
    {"cudnn_version", kSame, kSame, told},
    {"allow_tf32_cublas", kSame, kSame, told},
    {"allow_tf32_cudnn", kSame, kSame, told},
    {"allow_fp16_reduction_cublas", kSame, kSame, told},
    {"allow_bf16_reduction_cublas", kSame, kSame, told},
    {"grid", kSame, kSame, ignored},
    {"grid.dtype", kAny, kAny, refused},
    {"lengths", kSame, kSame, refused},
    {"grid.lengths_file", kAny, kAny, refused},
    {"l2", kSame, kSame, ignored},
    {"rounds", kSame, kSame, told},
    {"seed", kSame, kSame, refused},
    {"rows", kSame, kSame, ignored},
    {"command_line", kAny, kAny, ignored},
    {"shard", kAny, kAny, ignored},
    {"shards", kAny, kAny, ignored},
    {"resumed_by_force", kAny, kAny, ignored},
    {"run_again", kAny, kAny, ignored},
    {"peaks", kAny, kAny, ignored},
    {"canaries", kAny, kAny, ignored},
    {"state_at_start", kAny, kAny, ignored},
    {"state_at_end", kAny, kAny, ignored},
    // Google Benchmark's.
    {"library_version", kAny, kSame, told},
    {"library_build_type", kAny, kSame, told},
    {"json_schema_version", kAny, kSame, ignored},
    {"date", kAny, kAny, ignored},
    {"executable", kAny, kAny, ignored},
    {"mhz_per_cpu", kAny, kAny, ignored},
    {"cpu_scaling_enabled", kAny, kAny, ignored},
    {"aslr_enabled", kAny, kAny, ignored},
    {"caches", kAny, kAny, ignored},
    {"load_avg", kAny, kAny, ignored},
    {"settings", kSame, kSame, told},  // those off their defaults
};

void add_names(const Contexts& contexts, const std::string& key, std::set<std::string>& names) {
  for (const auto* const context : contexts) {
    for (auto at = context->lower_bound(key); at != context->end(); ++at) {
      if (!at->first.starts_with(key)) break;
      if (at->first == key || at->first[key.size()] == '.') names.insert(at->first);
    }
  }
}

std::vector<std::string> values_of(const Contexts& contexts, const std::string& name) {
  std::set<std::string> values;
  for (const auto* const context : contexts) {
    const auto found = context->find(name);
    values.insert(found == context->end() ? kNotTold : found->second);
  }
  return {values.begin(), values.end()};
}

}  // namespace

std::span<const ContextKey> context_keys() { return kKeys; }

const ContextKey* find_context_key(std::string_view name) {
  const auto* const found = std::ranges::find(kKeys, name, &ContextKey::name);
  return found == std::end(kKeys) ? nullptr : found;
}

std::string text_of(const Difference& difference) {
  return difference.key + ": " + difference.base + " against " + difference.next;
}

std::vector<Difference> differences(const Contexts& base, const Contexts& next,
                                    bool (*matters)(const ContextKey& key)) {
  std::vector<Difference> found;
  for (const ContextKey& key : kKeys) {
    if (!matters(key)) continue;
    std::set<std::string> names;
    for (const Contexts* const side : {&base, &next})
      add_names(*side, std::string(key.name), names);
    for (const std::string& name : names) {
      const std::vector<std::string> before = values_of(base, name);
      const std::vector<std::string> after = values_of(next, name);
      if (before.size() == 1 && before == after) continue;
      found.push_back({name, join(before, " and "), join(after, " and ")});
    }
  }
  return found;
}

std::vector<std::string> differences(const nlohmann::ordered_json& then,
                                     const nlohmann::ordered_json& now) {
  const auto before = context_texts(then);
  const auto after = context_texts(now);
  std::vector<std::string> lines;
  for (const Difference& one :
       differences({&before}, {&after}, [](const ContextKey& key) { return key.same_to_resume; })) {
    lines.push_back(one.key + ": " + one.base + ", now " + one.next);
  }
  return lines;
}

}  // namespace mhabench
