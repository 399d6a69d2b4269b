#include <cmath>

#include <nlohmann/json.hpp>

#include "fuzz/targets.h"
#include "mhabench/base/error.h"
#include "mhabench/results/row_json.h"

namespace mhabench::fuzz {

// An object of a results file: a row, or refused.
void report(std::string_view input) {
  const auto json = nlohmann::ordered_json::parse(input, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return;
  try {
    const Row row = row_of_report(json);
    for (const auto& [name, value] : numbers_of(row)) require(std::isfinite(value), name);
    require(row.status == RowStatus::measured || !row.real_time_us, "a time of no measurement");
  } catch (const InputError& error) {
    require_one_line(error.what());
  }
}

}  // namespace mhabench::fuzz
