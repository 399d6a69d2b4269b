#include "mhabench/results/same_run.h"

#include <nlohmann/json.hpp>

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKeys[] = {"mhabench_schema",
                                 "mhabench_version",
                                 "mhabench_revision",
                                 "gpu_name",
                                 "driver_version",
                                 "cpu_model",
                                 "threads",
                                 "torch_version",
                                 "cuda_version",
                                 "cublas_version",
                                 "cudnn_version",
                                 "allow_tf32_cublas",
                                 "allow_tf32_cudnn",
                                 "allow_fp16_reduction_cublas",
                                 "allow_bf16_reduction_cublas",
                                 "grid",
                                 "lengths",
                                 "l2",
                                 "rounds",
                                 "seed",
                                 "settings",
                                 "rows"};

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
  for (const char* const key : kKeys) compare(key, find(then, key), find(now, key), lines);
  return lines;
}

}  // namespace mhabench
