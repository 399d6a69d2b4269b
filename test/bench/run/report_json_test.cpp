#include "bench/run/report_json.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/reports.h"
#include "support/rows.h"

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;
using test::beta_config;
using test::report_of;

// As in a file, with the numbers that the library has no say in.
void expect_same(const test::Report& report) {
  const Json json = library_json(report);
  Json again = library_json(run_of_json(json));
  again["family_index"] = json.at("family_index");
  again["per_family_instance_index"] = json.at("per_family_instance_index");
  for (const char* const time : {"real_time", "cpu_time"}) {
    if (!json.contains(time)) continue;
    EXPECT_DOUBLE_EQ(again.at(time).get<double>(), json.at(time).get<double>());
    again[time] = json.at(time);
  }
  EXPECT_EQ(again, json);
}

TEST(ReportJson, AReportComesBackAsItWas) {
  test::Report report = report_of(test::timed_row("slow", beta_config(), 30.1));
  report.report_label = "flash";
  report.repetitions = 3;
  report.repetition_index = 2;
  for (const auto unit : {benchmark::kNanosecond, benchmark::kMicrosecond, benchmark::kMillisecond,
                          benchmark::kSecond}) {
    report.time_unit = unit;
    expect_same(report);
  }
}

TEST(ReportJson, AFailedReportComesBackAsItWas) {
  expect_same(report_of(
      test::row_without_time("slow", beta_config(), RowStatus::failed, "out of \"memory\"")));
}

TEST(ReportJson, AnAggregateComesBackAsItWas) {
  expect_same(test::aggregate_of(test::timed_row("slow", beta_config(), 30.1), "median"));
  test::Report cv = test::aggregate_of(test::timed_row("slow", beta_config(), 30.1), "cv");
  cv.aggregate_unit = benchmark::StatisticUnit::kPercentage;
  expect_same(cv);
}

}  // namespace
}  // namespace mhabench::bench
