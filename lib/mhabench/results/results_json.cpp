#include "mhabench/results/results_json.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNot = ", so it is no results file of Google Benchmark";

void flatten(const Json& json, const std::string& prefix,
             std::map<std::string, std::string>& into) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      flatten(value, prefix + key + '.', into);
    } else {
      into[prefix + key] = value.is_string() ? value.get<std::string>() : dumped(value);
    }
  }
}

}  // namespace

void check_results(const Json& file) {
  if (!file.is_object()) throw InputError("holds " + std::string(file.type_name()) + kNot);
  const Json* const context = find_member(file, "context");
  const Json* const rows = find_member(file, "benchmarks");
  if (context == nullptr || !context->is_object() || rows == nullptr) {
    throw InputError(std::string("has no 'context' and 'benchmarks'") + kNot);
  }
  if (!rows->is_array()) {
    throw InputError("'benchmarks' is " + std::string(rows->type_name()) + ", not an array");
  }
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const Json& row = (*rows)[i];
    if (row.is_object()) continue;
    throw InputError("entry " + std::to_string(i + 1) + " of 'benchmarks' is " + row.type_name() +
                     ", not an object");
  }
}

std::map<std::string, std::string> context_texts(const Json& context) {
  std::map<std::string, std::string> texts;
  flatten(context, "", texts);
  const auto lengths = texts.find("lengths");
  if (lengths != texts.end()) lengths->second = current_lengths_name(lengths->second);
  return texts;
}

double us_per(const std::string& time_unit) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ns", 1e-3}, {"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  for (const auto& [name, us] : kUnits) {
    if (time_unit == name) return us;
  }
  throw InputError("time_unit '" + time_unit + "' is none of ns, us, ms, s");
}

}  // namespace mhabench
