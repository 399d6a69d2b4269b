#include "mhabench/results/row_json.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string& what) { throw InputError(what); }

const Json& at(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) fail("has no '" + key + "'");
  return *found;
}

std::string text_at(const Json& object, const std::string& key) {
  const Json& value = at(object, key);
  if (!value.is_string()) fail("'" + key + "' is no string");
  return value.get<std::string>();
}

double finite(const Json& value, const std::string& key) {
  if (!value.is_number()) fail("'" + key + "' is no number");
  const auto number = value.get<double>();
  if (!std::isfinite(number)) fail("'" + key + "' is not finite");
  return number;
}

double number_at(const Json& object, const std::string& key) {
  return finite(at(object, key), key);
}

std::int64_t count_at(const Json& object, const std::string& key) {
  const Json& value = at(object, key);
  if (!value.is_number_integer() || value < 0) fail("'" + key + "' is no count");
  return value.get<std::int64_t>();
}

void read_status(const Json& report, Row& row) {
  const auto error = report.find("error_occurred");
  if (error == report.end() || *error != true) {
    row.calls = count_at(report, "iterations");
    const auto us = us_per(text_at(report, "time_unit"));
    if (!us) fail("'time_unit' is none of ns, us, ms, s");
    row.real_time_us = number_at(report, "real_time") * *us;
    return;
  }
  const bool skipped = report.contains("skip_reason");
  row.status = skipped ? RowStatus::skipped : RowStatus::failed;
  row.message = text_at(report, skipped ? "skip_reason" : "error_message");
}

void read_number(const Json& report, const NumberField& field, Row& row) {
  const std::string name(field.name);
  if (field.set == nullptr || !report.contains(name)) return;
  try {
    field.set(row, number_at(report, name));
  } catch (const InputError& error) {
    fail(name + ": " + error.what());
  }
}

void read_string(const Json& report, const StringField& field, Row& row) {
  const std::string name(field.name);
  if (field.set != nullptr && report.contains(name)) field.set(row, text_at(report, name));
}

void read_list(const Json& report, const ListField& field, Row& row) {
  const std::string name(field.name);
  if (!report.contains(name)) return;
  const Json& values = report.at(name);
  if (!values.is_array()) fail("'" + name + "' is no list");
  for (const Json& value : values) (row.*field.values).push_back(finite(value, name));
}

Row read_row(const Json& report, const std::string& name) {
  const RowName parsed = parse_row_name(
      current_row_name(name, report.contains("lengths") ? text_at(report, "lengths") : ""));
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

std::optional<double> us_per(std::string_view time_unit) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ns", 1e-3}, {"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  for (const auto& [name, factor] : kUnits) {
    if (time_unit == name) return factor;
  }
  return std::nullopt;
}

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
  if (!report.is_object()) fail("a row is no JSON object");
  const std::string name = text_at(report, "name");
  try {
    return read_row(report, name);
  } catch (const InputError& error) {
    throw InputError(one_line("row '" + name + "': " + error.what()));
  }
}

}  // namespace mhabench
