#include "mhabench/shards/shard_context.h"

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count_of(const Json& object, const char* key, std::size_t highest) {
  const auto count = required<std::size_t>(object, key);
  if (count <= highest) return count;
  throw InputError("'" + std::string(key) + "' is above " + std::to_string(highest));
}

std::vector<std::string> names_of(const Json& object) {
  const Json* const list = find_member(object, "names");
  if (list == nullptr || !list->is_array()) throw InputError("'names' is no array");
  std::vector<std::string> names;
  for (const Json& name : *list) {
    if (!name.is_string()) throw InputError("'names' holds what is no string");
    names.push_back(name.get<std::string>());
  }
  return names;
}

Shard shard_of(const Json& json) {
  const std::size_t index = count_of(json, "index", kMaxShards);
  const std::size_t of = count_of(json, "of", kMaxShards);
  return parse_shard(std::to_string(index) + '/' + std::to_string(of));
}

}  // namespace

Json json_of(const ShardContext& context) {
  return {{"index", context.shard.index},
          {"of", context.shard.of},
          {"plan_rows", context.plan_rows},
          {"plan_fingerprint", context.plan_fingerprint},
          {"indices", text_of_indices(context.indices)},
          {"names", context.names}};
}

ShardContext shard_context_of(const Json& json) {
  if (!json.is_object()) throw InputError("it is no object");
  ShardContext context;
  context.shard = shard_of(json);
  context.plan_rows = count_of(json, "plan_rows", kMaxPlanRows);
  context.plan_fingerprint = required<std::string>(json, "plan_fingerprint");
  context.indices = parse_indices(required<std::string>(json, "indices"), context.plan_rows);
  context.names = names_of(json);
  if (context.indices.size() != context.names.size()) {
    throw InputError("it has " + std::to_string(context.indices.size()) + " indices and " +
                     std::to_string(context.names.size()) + " names");
  }
  return context;
}

}  // namespace mhabench
