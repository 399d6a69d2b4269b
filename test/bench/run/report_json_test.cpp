#include "bench/run/report_json.h"

#include <sstream>
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

// The library's own JSON of a report. Numbers that are none break it.
Json printed(const test::Report& report) {
  std::ostringstream text;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.ReportRuns({report});
  return Json::parse(text.str());
}

// Dumped, they have the same order and number formats too.
void expect_same(const test::Report& report) {
  const Json json = json_of(report);
  EXPECT_EQ(json.dump(), printed(report).dump());
  Json again = json_of(run_of_json(json));
  for (const char* const time : {"real_time", "cpu_time"}) {
    EXPECT_DOUBLE_EQ(again.at(time).get<double>(), json.at(time).get<double>());
    again[time] = json.at(time);
  }
  EXPECT_EQ(again.dump(), json.dump());
}

TEST(ReportJson, AReportIsTheLibrarysAndComesBackAsItWas) {
  test::Report report = report_of(test::timed_row("slow", beta_config(), 30.1));
  report.report_label = "flash";
  report.repetitions = 3;
  report.repetition_index = 2;
  report.family_index = 5;
  for (const auto unit : {benchmark::kNanosecond, benchmark::kMicrosecond, benchmark::kMillisecond,
                          benchmark::kSecond}) {
    report.time_unit = unit;
    expect_same(report);
    EXPECT_EQ(time_unit_of(benchmark::GetTimeUnitString(unit)), unit);
  }
  EXPECT_EQ(time_unit_of(""), benchmark::kMicrosecond);
}

TEST(ReportJson, AFailedReportIsTheLibrarysAndComesBackAsItWas) {
  expect_same(report_of(
      test::row_without_time("slow", beta_config(), RowStatus::failed, "out of \"memory\"")));
}

TEST(ReportJson, AnAggregateIsTheLibrarysAndComesBackAsItWas) {
  expect_same(test::aggregate_of(test::timed_row("slow", beta_config(), 30.1), "median"));
  test::Report cv = test::aggregate_of(test::timed_row("slow", beta_config(), 30.1), "cv");
  cv.aggregate_unit = benchmark::StatisticUnit::kPercentage;
  expect_same(cv);
}

}  // namespace
}  // namespace mhabench::bench
