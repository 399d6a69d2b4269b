#include "mhabench/results/row_json.h"

#include <cmath>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "mhabench/config/names.h"
#include "support/errors.h"
#include "support/rows.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;
using test::beta_config;

// What Google Benchmark writes of a row: its counters are numbers_of(row).
Json report_of(const Row& row) {
  Json json{{"name", row_name(row.path, row.config) + "/manual_time"}, {"run_type", "iteration"}};
  if (row.status == RowStatus::measured) {
    json.update(Json{
        {"iterations", row.calls}, {"real_time", row.real_time_us.value()}, {"time_unit", "us"}});
    for (const auto& [key, value] : numbers_of(row)) json[key] = value;
  } else {
    json.update(Json{{"error_occurred", true}, {"error_message", row.message}});
  }
  add_row(row, false, json);
  return json;
}

// Each field another value; what counts is whole, what is measured has no short decimal.
Row full_row() {
  Row row = test::timed_row("fast", beta_config(), 1.0 / 3);
  double next = 1;
  for (const NumberField& field : number_fields()) {
    if (field.set == nullptr) continue;
    try {
      field.set(row, next + 1.0 / 3);
    } catch (const InputError&) {
      field.set(row, field.name == "agrees" ? 1 : next);
    }
    ++next;
  }
  for (const StringField& field : string_fields()) {
    if (field.set != nullptr) field.set(row, "text " + std::string(field.name));
  }
  for (const ListField& field : list_fields()) row.*field.values = {++next, next / 3};
  return row;
}

Row read_back(const Row& row) { return row_of_report(Json::parse(report_of(row).dump())); }

TEST(RowJson, EveryFieldComesBackToTheLastBit) {
  const Row row = full_row();
  const Row again = read_back(row);
  EXPECT_EQ(numbers_of(again), numbers_of(row));
  EXPECT_EQ(numbers_of(again).size(), number_fields().size());
  EXPECT_EQ(strings_of(again), strings_of(row));
  EXPECT_EQ(strings_of(again).size(), string_fields().size());
  EXPECT_EQ(again.event_rounds_us, row.event_rounds_us);
  EXPECT_EQ(again.busy_rounds_us, row.busy_rounds_us);
  EXPECT_EQ(again.path, "fast");
  EXPECT_EQ(again.config, beta_config());
  EXPECT_EQ(again.calls, 100);
  EXPECT_EQ(again.real_time_us, 1.0 / 3);
  EXPECT_EQ(again.agrees, true);
}

TEST(RowJson, WhatIsUnknownStaysUnknown) {
  const Row row = test::timed_row("slow", beta_config(), 12.5);
  const Row again = read_back(row);
  EXPECT_EQ(numbers_of(again), numbers_of(row));
  EXPECT_FALSE(again.agrees || again.busy_us || again.nonfinite);
  EXPECT_EQ(again.backend, "");
}

TEST(RowJson, ARowWithoutATimeKeepsItsReason) {
  for (const RowStatus status : {RowStatus::failed, RowStatus::skipped}) {
    Row row = test::row_without_time("fast", beta_config(), status, "needs a GPU");
    row.bytes_asked = 1e12;
    const Row again = read_back(row);
    EXPECT_EQ(again.status, status);
    EXPECT_EQ(again.message, "needs a GPU");
    EXPECT_EQ(again.real_time_us, std::nullopt);
    EXPECT_EQ(numbers_of(again), numbers_of(row));
  }
}

TEST(RowJson, TheTimeIsInTheRowsUnit) {
  Json json = report_of(test::timed_row("slow", beta_config(), 2));
  for (const auto& [unit, us] : {std::pair{"ns", 0.002}, {"us", 2.0}, {"ms", 2e3}, {"s", 2e6}}) {
    json["time_unit"] = unit;
    EXPECT_DOUBLE_EQ(row_of_report(json).real_time_us.value(), us) << unit;
  }
}

TEST(RowJson, KeysThatAreNoFieldsArePassedOver) {
  Json json = report_of(test::timed_row("slow", beta_config(), 2));
  json["somebody_elses"] = {1, 2};
  EXPECT_EQ(row_of_report(json).tokens, 768);
}

TEST(RowJson, TheLargestSeedIsNoError) {
  Row row = test::timed_row("slow", beta_config(), 2);
  row.seed = ~std::uint64_t{0};
  EXPECT_EQ(read_back(row).seed, row.seed);
}

TEST(RowJson, TheCanaryStandsWithTheRow) {
  Row row = test::timed_row("slow", beta_config(), 2);
  row.canary = CanaryReading{180.5, 1980, 31.25};
  const Json expected{{"us", 180.5}, {"seconds", 31.25}, {"sm_mhz", 1980.0}};
  EXPECT_EQ(report_of(row).at("canary"), expected);
  row.canary->sm_mhz.reset();
  EXPECT_FALSE(report_of(row).at("canary").contains("sm_mhz"));
  row.status = RowStatus::failed;
  EXPECT_TRUE(report_of(row).contains("canary"));
}

TEST(RowJson, AnAggregateGetsTheStringsAlone) {
  Json json{{"padding", 0}};
  Row row = test::row_without_time("fast", beta_config(), RowStatus::skipped, "no");
  row.canary = CanaryReading{};
  add_row(row, true, json);
  EXPECT_EQ(json.at("path"), "fast");
  EXPECT_EQ(json.at("padding"), 0);
  EXPECT_FALSE(json.contains("skip_reason") || json.contains("canary"));
}

TEST(RowJson, WhatIsAtFaultIsNamed) {
  const auto message = [](const Json& change) {
    Json json = report_of(test::timed_row("slow", beta_config(), 2));
    json.update(change);
    return test::message_of<InputError>([&] { return row_of_report(json); });
  };
  const std::string row = "row '" + row_name("slow", beta_config()) + "/manual_time': ";
  EXPECT_EQ(message({{"tokens", "many"}}), row + "tokens: 'tokens' is string, not a number");
  EXPECT_EQ(message({{"tokens", 1e300}}), row + "tokens: not an integer of the field's range");
  EXPECT_EQ(message({{"errors", 0.5}}), row + "errors: not an integer of the field's range");
  EXPECT_EQ(message({{"busy_us_rounds", 1}}), row + "'busy_us_rounds' is no list");
  EXPECT_EQ(message({{"busy_us_rounds", {"a"}}}), row + "'busy_us_rounds' holds no number");
  EXPECT_EQ(message({{"device", 1}}), row + "'device' is number, not a string");
  EXPECT_EQ(message({{"iterations", -1}}), row + "'iterations' is number, not a count");
  EXPECT_EQ(message({{"time_unit", "h"}}), row + "time_unit 'h' is none of ns, us, ms, s");
  EXPECT_EQ(message({{"error_occurred", true}}), row + "has no 'error_message'");
  EXPECT_NE(message({{"name", "BM_other/8"}}), "");
  EXPECT_EQ(message({{"name", 1}}), "'name' is number, not a string");
  EXPECT_EQ(test::message_of<InputError>([] { return row_of_report(Json::array()); }),
            "a row is no JSON object");
}

}  // namespace
}  // namespace mhabench
