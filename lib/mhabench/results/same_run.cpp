#include "mhabench/results/same_run.h"

#include <nlohmann/json.hpp>

#include "mhabench/results/context_keys.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json* value) {
  if (value == nullptr) return "none";
  return value->is_string() ? value->get<std::string>()
                            : value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json* find(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

bool equal(const Json* a, const Json* b) {
  return a == nullptr || b == nullptr ? a == b : *a == *b;
}

// Of two objects, such as grids, what differs in them.
void compare(const std::string& name, const Json* then, const Json* now,
             std::vector<std::string>& lines) {
  if (equal(then, now)) return;
  const bool objects = then != nullptr && now != nullptr && then->is_object() && now->is_object();
  if (!objects) {
    lines.push_back(name + ": " + text_of(then) + ", now " + text_of(now));
    return;
  }
  for (const auto& [key, value] : then->items()) {
    compare(name + '.' + key, &value, find(*now, key), lines);
  }
  for (const auto& [key, value] : now->items()) {
    if (!then->contains(key)) compare(name + '.' + key, nullptr, &value, lines);
  }
}

}  // namespace

std::vector<std::string> differences(const Json& then, const Json& now) {
  std::vector<std::string> lines;
  for (const ContextKey& known : context_keys()) {
    if (!known.same_to_resume) continue;
    const std::string key(known.name);
    compare(key, find(then, key), find(now, key), lines);
  }
  return lines;
}

}  // namespace mhabench
