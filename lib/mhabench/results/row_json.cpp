#include "mhabench/results/row_json.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/base/text.h"
#include "mhabench/config/names.h"
#include "mhabench/results/results_json.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

void read_status(const Json& report, Row& row) {
  const auto error = report.find("error_occurred");
  if (error == report.end() || *error != true) {
    row.calls = static_cast<std::int64_t>(required<std::size_t>(report, "iterations"));
    row.real_time_us =
        required<double>(report, "real_time") * us_per(required<std::string>(report, "time_unit"));
    return;
  }
  const bool skipped = report.contains("skip_reason");
  row.status = skipped ? RowStatus::skipped : RowStatus::failed;
  row.message = required<std::string>(report, skipped ? "skip_reason" : "error_message");
}

void read_number(const Json& report, const NumberField& field, Row& row) {
  if (field.set == nullptr) return;
  const std::string name(field.name);
  try {
    if (const auto value = member<double>(report, name)) field.set(row, *value);
  } catch (const InputError& error) {
    throw InputError(name + ": " + error.what());
  }
}

void read_string(const Json& report, const StringField& field, Row& row) {
  if (field.set == nullptr) return;
  if (auto value = member<std::string>(report, std::string(field.name))) {
    field.set(row, *std::move(value));
  }
}

void read_list(const Json& report, const ListField& field, Row& row) {
  const std::string name(field.name);
  const Json* const values = find_member(report, name);
  if (values == nullptr) return;
  if (!values->is_array()) throw InputError("'" + name + "' is no list");
  for (const Json& value : *values) {
    if (!value.is_number()) throw InputError("'" + name + "' holds no number");
    (row.*field.values).push_back(value.get<double>());
  }
}

Row read_row(const Json& report, const std::string& name) {
  const RowName parsed =
      parse_row_name(current_row_name(name, member<std::string>(report, "lengths").value_or("")));
  Row row;
  row.path = parsed.path;
  row.config = parsed.config;
  read_status(report, row);
  for (const NumberField& field : number_fields()) read_number(report, field, row);
  for (const StringField& field : string_fields()) read_string(report, field, row);
  for (const ListField& field : list_fields()) read_list(report, field, row);
  return row;
}

}  // namespace

Json canary_json(const CanaryReading& reading) {
  Json json{{"us", reading.us}, {"seconds", reading.seconds}};
  if (reading.sm_mhz) json["sm_mhz"] = *reading.sm_mhz;
  return json;
}

void add_row(const Row& row, bool aggregate, Json& report) {
  for (const auto& [key, value] : strings_of(row)) report[key] = value;
  for (const auto& [key, values] : list_fields()) {
    if (!(row.*values).empty()) report[std::string(key)] = row.*values;
  }
  if (!aggregate && row.canary) report["canary"] = canary_json(*row.canary);
  if (aggregate || row.status == RowStatus::measured) return;
  for (const auto& [key, value] : numbers_of(row)) report[key] = value;
  if (row.status == RowStatus::skipped) report["skip_reason"] = row.message;
}

Row row_of_report(const Json& report) {
  if (!report.is_object()) throw InputError("a row is no JSON object");
  const auto name = required<std::string>(report, "name");
  try {
    return read_row(report, name);
  } catch (const InputError& error) {
    throw InputError(one_line("row '" + name + "': " + error.what()));
  }
}

}  // namespace mhabench
