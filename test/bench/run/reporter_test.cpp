#include "bench/run/reporter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/reports.h"
#include "support/rows.h"

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;
using test::aggregate_of;
using test::beta_config;
using test::report_of;
using test::row_without_time;
using test::timed_row;
using test::wrong_row;

const std::string kSlow = "MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85";
const std::string kFast = "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85";

// A run's reports handed to a RunReporter, with the rows behind them in its store.
class ReporterTest : public ::testing::Test {
 protected:
  void start(Json run_context = Json::object()) {
    reporter_.emplace(options_, std::move(run_context), store_, progress_, order_);
    reporter_->SetOutputStream(&console_);
    reporter_->SetErrorStream(&console_errors_);
    benchmark::BenchmarkReporter::Context context;
    context.name_field_width = 10;
    EXPECT_TRUE(reporter_->ReportContext(context));
  }

  // One call for the repetitions, as the library makes it.
  void report(const std::vector<Row>& rows) {
    std::vector<test::Report> reports;
    for (const Row& row : rows) {
      store_.put(row_name(row.path, row.config), row);
      reports.push_back(report_of(row));
    }
    reporter_->ReportRuns(reports);
  }

  // And one for their aggregates.
  void report_aggregates(const Row& row) {
    reporter_->ReportRuns({aggregate_of(row, "mean"), aggregate_of(row, "median")});
  }

  // Strict: NaN and infinity are no JSON.
  Json json() const { return Json::parse(reporter_->text(Format::json)); }
  Json benchmarks() const { return json().at("benchmarks"); }

  Names names() const {
    Names list;
    for (const Json& benchmark : benchmarks()) list.push_back(benchmark.at("name"));
    return list;
  }

  BenchmarkOptions options_;
  RowStore store_;
  std::ostringstream progress_text_;
  Progress progress_{progress_text_, 80, 4};
  RunOrder order_;
  std::ostringstream console_, console_errors_;
  std::optional<RunReporter> reporter_;
};

Names keys_of(const Json& object) {
  Names keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// --- JSON

TEST_F(ReporterTest, ARowIsTheLibrarysWithItsStrings) {
  start();
  report({timed_row("slow", beta_config(), 30)});
  ASSERT_EQ(benchmarks().size(), 1U);
  const Json row = benchmarks()[0];
  EXPECT_EQ(row.at("name"), kSlow + "/manual_time");
  EXPECT_EQ(row.at("run_type"), "iteration");
  EXPECT_EQ(row.at("iterations"), 100);
  EXPECT_DOUBLE_EQ(row.at("real_time"), 30);
  EXPECT_DOUBLE_EQ(row.at("cpu_time"), 15);
  EXPECT_EQ(row.at("time_unit"), "us");
  EXPECT_EQ(row.at("batch"), 16);
  EXPECT_EQ(row.at("beta"), 0.85);
  EXPECT_EQ(row.at("errors"), 0);
  const Names keys = keys_of(row);
  EXPECT_EQ(Names(keys.end() - 4, keys.end()), (Names{"path", "dtype", "device", "lengths"}));
  EXPECT_EQ(row.at("path"), "slow");
  EXPECT_EQ(row.at("dtype"), "fp16");
  EXPECT_EQ(row.at("device"), "cpu");
  EXPECT_EQ(row.at("lengths"), "script");
  EXPECT_FALSE(row.contains("error_occurred") && row.at("error_occurred") == true);
}

TEST_F(ReporterTest, RowsStandInTheOrderOfTheirReports) {
  start();
  report({timed_row("fast", beta_config(), 12)});
  report({timed_row("slow", beta_config(), 30)});
  EXPECT_EQ(names(), (Names{kFast + "/manual_time", kSlow + "/manual_time"}));
  ASSERT_EQ(reporter_->rows().size(), 2U);
  EXPECT_EQ(reporter_->rows()[0].path, "fast");
  EXPECT_EQ(reporter_->rows()[1].real_time_us, 30);
}

TEST_F(ReporterTest, AWrongRowKeepsItsTimeAndShowsItsError) {
  start();
  report({wrong_row("slow", beta_config(), 30)});
  const Json row = benchmarks()[0];
  EXPECT_EQ(row.at("errors"), 1);
  EXPECT_EQ(row.at("max_abs_err"), 0.5);
  EXPECT_DOUBLE_EQ(row.at("real_time"), 30);
}

TEST_F(ReporterTest, CountersThatAreNotFiniteAreAbsent) {
  start();
  const Row row = timed_row("slow", beta_config(), 30);
  store_.put(kSlow, row);
  test::Report run = report_of(row);
  run.counters["nan"] = benchmark::Counter(std::nan(""));
  run.counters["inf"] = benchmark::Counter(std::numeric_limits<double>::infinity());
  run.counters["minus_inf"] = benchmark::Counter(-std::numeric_limits<double>::infinity());
  run.counters["finite"] = benchmark::Counter(1.5);
  reporter_->ReportRuns({run});
  const Json json = benchmarks()[0];
  EXPECT_FALSE(json.contains("nan") || json.contains("inf") || json.contains("minus_inf")) << json;
  EXPECT_EQ(json.at("finite"), 1.5);
}

TEST_F(ReporterTest, AFailedRowKeepsWhatIsKnownOfIt) {
  start();
  Row row = row_without_time("slow", beta_config(), RowStatus::failed, "out of memory");
  row.errors = 1;
  row.max_abs_err = 0.5;
  report({row});
  const Json json = benchmarks()[0];
  EXPECT_EQ(json.at("error_occurred"), true);
  EXPECT_EQ(json.at("error_message"), "out of memory");
  EXPECT_EQ(json.at("batch"), 16);
  EXPECT_EQ(json.at("padding"), 0.25);
  EXPECT_EQ(json.at("errors"), 1);
  EXPECT_EQ(json.at("max_abs_err"), 0.5);
  EXPECT_EQ(json.at("path"), "slow");
  EXPECT_FALSE(json.contains("skip_reason"));
  ASSERT_EQ(reporter_->rows().size(), 1U);
  EXPECT_EQ(reporter_->rows()[0].status, RowStatus::failed);
}

TEST_F(ReporterTest, ASkippedRowHasItsReason) {
  start();
  report({row_without_time("slow", beta_config(), RowStatus::skipped, "needs a GPU")});
  const Json json = benchmarks()[0];
  EXPECT_EQ(json.at("skip_reason"), "needs a GPU");
  EXPECT_EQ(json.at("seq_len"), 64);
  EXPECT_EQ(json.at("lengths"), "script");
}

TEST_F(ReporterTest, AReportWithoutARowIsKeptAndCountsForNone) {
  start();
  reporter_->ReportRuns({report_of(timed_row("slow", beta_config(), 30))});
  EXPECT_EQ(reporter_->rows().size(), 0U);
  EXPECT_EQ(names(), Names{kSlow + "/manual_time"});
  EXPECT_FALSE(benchmarks()[0].contains("path"));
}

TEST_F(ReporterTest, TheContextIsTheLibrarysAndTheSuites) {
  start({{"mhabench_schema", 1}, {"num_cpus", 0}, {"grid", {{"name", "cpu"}}}});
  report({timed_row("slow", beta_config(), 30)});
  EXPECT_EQ(keys_of(json()), (Names{"context", "benchmarks"}));
  const Json context = json().at("context");
  EXPECT_TRUE(context.contains("date"));
  EXPECT_EQ(context.at("mhabench_schema"), 1);
  EXPECT_EQ(context.at("num_cpus"), 0);  // where both have a key, the suite's stands
  EXPECT_EQ(context.at("grid").at("name"), "cpu");
}

TEST_F(ReporterTest, ARunWithoutRowsIsStillJson) {
  start({{"seed", 1}});
  EXPECT_EQ(benchmarks(), Json::array());
  EXPECT_EQ(json().at("context").at("seed"), 1);
}

// A file's name is any bytes; a run must not be lost over them at its very end.
TEST_F(ReporterTest, BytesThatAreNoUtf8AreReplaced) {
  start({{"command_line", {"--save_path=caf\xe9.csv"}}});
  report({row_without_time("slow", beta_config(), RowStatus::failed, "no \xff")});
  EXPECT_EQ(json().at("context").at("command_line")[0], "--save_path=caf\xef\xbf\xbd.csv");
  EXPECT_EQ(benchmarks()[0].at("error_message"), "no \xef\xbf\xbd");
}

// --- Repetitions and aggregates

TEST_F(ReporterTest, RepetitionsAreRowsOfTheirOwn) {
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40)});
  report_aggregates(timed_row("slow", beta_config(), 35));
  EXPECT_EQ(names(), (Names{kSlow + "/manual_time", kSlow + "/manual_time",
                            kSlow + "/manual_time_mean", kSlow + "/manual_time_median"}));
  ASSERT_EQ(reporter_->rows().size(), 2U);
  EXPECT_EQ(reporter_->rows()[0].real_time_us, 30);
  EXPECT_EQ(reporter_->rows()[1].real_time_us, 40);
}

TEST_F(ReporterTest, AggregatesHaveTheStringsOfTheirRow) {
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40)});
  report_aggregates(timed_row("slow", beta_config(), 35));
  const Json mean = benchmarks()[2];
  EXPECT_EQ(mean.at("aggregate_name"), "mean");
  EXPECT_EQ(mean.at("path"), "slow");
  EXPECT_EQ(mean.at("lengths"), "script");
}

TEST_F(ReporterTest, AnAggregatesNumbersAreItsOwn) {
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40),
          row_without_time("slow", beta_config(), RowStatus::failed, "no")});
  Row spread = timed_row("slow", beta_config(), 5);
  spread.padding = 0;  // as a standard deviation of what does not change
  report_aggregates(spread);
  const Json json = benchmarks().back();
  EXPECT_EQ(json.at("padding"), 0);
  EXPECT_FALSE(json.contains("error_occurred"));
}

TEST_F(ReporterTest, WhereAggregatesAloneAreReportedRepetitionsAreLeftOut) {
  options_.report_aggregates_only = true;
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40)});
  report_aggregates(timed_row("slow", beta_config(), 35));
  EXPECT_EQ(names(), (Names{kSlow + "/manual_time_mean", kSlow + "/manual_time_median"}));
  EXPECT_EQ(benchmarks()[0].at("path"), "slow");
  EXPECT_EQ(reporter_->rows().size(), 2U) << "the table and the exit status need them";
}

TEST_F(ReporterTest, ARowWithoutAggregatesIsNotLeftOut) {
  options_.report_aggregates_only = true;
  start();
  report({timed_row("slow", beta_config(), 30)});
  EXPECT_EQ(names(), Names{kSlow + "/manual_time"});
}

// The library sums up repetitions from two times on, and never those that failed.
TEST_F(ReporterTest, WhatNoAggregateTellsIsNotLeftOut) {
  options_.report_aggregates_only = true;
  start();
  const Row failed = row_without_time("slow", beta_config(), RowStatus::failed, "no");
  report({timed_row("slow", beta_config(), 30), failed});
  EXPECT_EQ(names().size(), 2U);
  report({timed_row("fast", beta_config(), 30), timed_row("fast", beta_config(), 40),
          row_without_time("fast", beta_config(), RowStatus::failed, "no")});
  report_aggregates(timed_row("fast", beta_config(), 35));
  ASSERT_EQ(names().size(), 5U);
  EXPECT_EQ(benchmarks()[2].at("error_message"), "no");
}

// --- Rows of an earlier process

TEST_F(ReporterTest, ARowIsToldOnceItsRepetitionsAndAggregatesAreReported) {
  std::vector<FinishedRow> told;
  order_ = {{{kSlow, 0}, {kFast, 1}}, [&](const FinishedRow& row) { told.push_back(row); }};
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40)});
  EXPECT_EQ(told.size(), 0U);
  report_aggregates(timed_row("slow", beta_config(), 35));
  report({row_without_time("fast", beta_config(), RowStatus::failed, "no")});
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].name, kSlow);
  EXPECT_EQ(told[1].name, kFast);
  Json file = Json::array();
  for (const FinishedRow& row : told) {
    for (const Json& report : row.reports) file.push_back(report);
  }
  EXPECT_EQ(file.size(), 5U);
  EXPECT_EQ(file, benchmarks()) << "exactly what goes into the file";
}

TEST_F(ReporterTest, KeptRowsStandWhereTheyWouldHave) {
  const Names order{"MHA/a", kSlow, kFast};
  for (std::size_t i = 0; i < order.size(); ++i) order_.positions[order[i]] = i;
  std::vector<FinishedRow> told;
  order_.finished = [&](const FinishedRow& row) { told.push_back(row); };
  start();
  report({timed_row("fast", beta_config(), 12), timed_row("fast", beta_config(), 14)});
  report_aggregates(timed_row("fast", beta_config(), 13));
  const Json fast = benchmarks();
  const FinishedRow finished = told.at(0);

  start();
  reporter_->keep({finished, {timed_row("fast", beta_config(), 12)}});
  EXPECT_EQ(told.size(), 1U) << "what is kept is not told again";
  report({timed_row("slow", beta_config(), 30)});
  reporter_->put_in_order();
  ASSERT_EQ(names().size(), 5U);
  EXPECT_EQ(names()[0], kSlow + "/manual_time");
  EXPECT_EQ(benchmarks()[0].at("family_index"), 1);
  for (std::size_t i = 0; i < fast.size(); ++i) EXPECT_EQ(benchmarks()[i + 1], fast[i]);
  ASSERT_EQ(reporter_->rows().size(), 2U);
  EXPECT_EQ(reporter_->rows()[0].path, "slow");
  const std::string csv = reporter_->text(Format::csv);
  EXPECT_LT(csv.find(kSlow), csv.find(kFast)) << csv;
  EXPECT_EQ(console_errors_.str(), "");
}

TEST_F(ReporterTest, KeptRepetitionsAreLeftOutWhereAggregatesAloneAreReported) {
  std::vector<FinishedRow> told;
  order_.finished = [&](const FinishedRow& row) { told.push_back(row); };
  options_.report_aggregates_only = true;
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40)});
  report_aggregates(timed_row("slow", beta_config(), 35));
  start();
  reporter_->keep({told.at(0), {timed_row("slow", beta_config(), 30)}});
  EXPECT_EQ(names(), (Names{kSlow + "/manual_time_mean", kSlow + "/manual_time_median"}));
}

// --- Progress

TEST_F(ReporterTest, EveryRepetitionIsARowDone) {
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40)});
  report_aggregates(timed_row("slow", beta_config(), 35));
  report({row_without_time("fast", beta_config(), RowStatus::failed, "no")});
  EXPECT_EQ(progress_.line(std::chrono::seconds(3)), "[3/4] 0:01 left ");
}

TEST_F(ReporterTest, TheProgressLineIsGoneAtTheEnd) {
  start();
  progress_.start_row(kSlow);
  progress_text_.str("");
  reporter_->Finalize();
  EXPECT_EQ(progress_text_.str(), "\r\x1b[K");
}

// --- CSV

TEST_F(ReporterTest, CsvHasTheCountersOfAllRows) {
  start();
  report({timed_row("slow", beta_config(), 30)});
  report({wrong_row("fast", beta_config(), 12)});  // has counters that the first has not
  report({row_without_time("fast", beta_config("0.05"), RowStatus::failed, "out of memory")});
  std::istringstream lines(reporter_->text(Format::csv));
  Names read;
  for (std::string line; std::getline(lines, line);) read.push_back(line);
  ASSERT_EQ(read.size(), 4U);
  EXPECT_TRUE(read[0].starts_with("name,iterations,real_time,cpu_time,time_unit,")) << read[0];
  EXPECT_TRUE(contains(read[0], "\"max_abs_err\"")) << read[0];
  EXPECT_TRUE(read[1].starts_with('"' + kSlow + "/manual_time\",100,30,15,us,")) << read[1];
  EXPECT_TRUE(read[2].starts_with('"' + kFast + "/manual_time\",100,12,6,us,")) << read[2];
  EXPECT_TRUE(contains(read[3], "out of memory")) << read[3];
  const auto commas = [](const std::string& line) {
    return std::count(line.begin(), line.end(), ',');
  };
  EXPECT_EQ(commas(read[1]), commas(read[0]));
  EXPECT_EQ(commas(read[2]), commas(read[0]));
}

// --- Console

TEST_F(ReporterTest, RowsAreShownAsTheyFinishWhereTheConsoleIsAsked) {
  options_.format = Format::console;
  start();
  progress_.start_row(kSlow);
  report({timed_row("slow", beta_config(), 30)});
  EXPECT_TRUE(contains(console_.str(), kSlow + "/manual_time")) << console_.str();
  EXPECT_TRUE(contains(console_.str(), "30.0 us")) << console_.str();
  EXPECT_TRUE(progress_text_.str().ends_with("\r\x1b[K")) << "the line is in the way";
}

TEST_F(ReporterTest, RowsAreNotShownWhereTheyAreNotAsked) {
  for (const std::optional<Format> format :
       {std::optional<Format>(), std::optional(Format::json), std::optional(Format::csv)}) {
    options_.format = format;
    start();
    report({timed_row("slow", beta_config(), 30)});
    reporter_->Finalize();
    EXPECT_EQ(console_.str(), "");
    EXPECT_EQ(console_errors_.str(), "");
  }
}

TEST_F(ReporterTest, TabularCountersAskForTheConsoleToo) {
  options_.counters_tabular = true;
  start();
  report({timed_row("slow", beta_config(), 30)});
  EXPECT_TRUE(contains(console_.str(), " embed_dim ")) << console_.str();
}

TEST_F(ReporterTest, ColorIsForThoseWhoAsk) {
  options_.format = Format::console;
  for (const auto& [color, escapes] :
       std::map<Color, bool>{{Color::always, true}, {Color::never, false}}) {
    options_.color = color;
    console_.str("");
    // The library's colours go to the terminal's own stream where it believes to write there.
    start();
    report({timed_row("slow", beta_config(), 30)});
    EXPECT_EQ(contains(console_.str(), "\x1b["), escapes) << console_.str();
  }
}

TEST_F(ReporterTest, WhereAggregatesAloneAreDisplayedTheFileHasAll) {
  options_.format = Format::console;
  options_.display_aggregates_only = true;
  start();
  report({timed_row("slow", beta_config(), 30), timed_row("slow", beta_config(), 40)});
  EXPECT_FALSE(contains(console_.str(), kSlow)) << console_.str();
  report_aggregates(timed_row("slow", beta_config(), 35));
  EXPECT_TRUE(contains(console_.str(), kSlow + "/manual_time_mean")) << console_.str();
  EXPECT_EQ(names().size(), 4U);
}

TEST_F(ReporterTest, TheConsoleFormatIsTextOfTheWholeRun) {
  start();
  report({timed_row("slow", beta_config(), 30)});
  report({row_without_time("fast", beta_config(), RowStatus::failed, "out of memory")});
  const std::string text = reporter_->text(Format::console);
  EXPECT_TRUE(contains(text, kSlow + "/manual_time")) << text;
  EXPECT_TRUE(contains(text, "out of memory")) << text;
  EXPECT_FALSE(contains(text, "\x1b[")) << text;
}

}  // namespace
}  // namespace mhabench::bench
