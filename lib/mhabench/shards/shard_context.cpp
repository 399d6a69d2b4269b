#include "mhabench/shards/shard_context.h"

#include <cstdint>

#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

const Json& member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) throw InputError(std::string("it has no '") + key + "'");
  return *found;
}

std::size_t count_of(const Json& object, const char* key, std::size_t highest) {
  const Json& value = member(object, key);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= highest) {
    return static_cast<std::size_t>(value.get<std::uint64_t>());
  }
  throw InputError(std::string("its '") + key + "' is no integer from 0 to " +
                   std::to_string(highest));
}

std::string text_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (value.is_string()) return value.get<std::string>();
  throw InputError(std::string("its '") + key + "' is no string");
}

std::vector<std::string> texts_of(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const Json& value = member(object, key);
  if (!value.is_array()) throw InputError(std::string("its '") + key + "' is no array");
  for (const Json& text : value) {
    if (!text.is_string()) throw InputError(std::string("its '") + key + "' holds no string");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

Shard shard_of(const Json& json) {
  const std::size_t index = count_of(json, "index", kMaxShards);
  const std::size_t of = count_of(json, "of", kMaxShards);
  return parse_shard(std::to_string(index) + '/' + std::to_string(of));
}

}  // namespace

std::string json_text(const ShardContext& context) {
  Json json;
  json["index"] = context.shard.index;
  json["of"] = context.shard.of;
  json["plan_rows"] = context.plan_rows;
  json["plan_fingerprint"] = context.plan_fingerprint;
  json["indices"] = text_of_indices(context.indices);
  json["names"] = context.names;
  return json.dump();
}

ShardContext parse_shard_context(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw InputError("it is no object");
  ShardContext context;
  context.shard = shard_of(json);
  context.plan_rows = count_of(json, "plan_rows", kMaxPlanRows);
  context.plan_fingerprint = text_of(json, "plan_fingerprint");
  context.indices = parse_indices(text_of(json, "indices"), context.plan_rows);
  context.names = texts_of(json, "names");
  if (context.indices.size() != context.names.size()) {
    throw InputError("it has " + std::to_string(context.indices.size()) + " indices and " +
                     std::to_string(context.names.size()) + " names");
  }
  return context;
}

}  // namespace mhabench
