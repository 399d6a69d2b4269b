#include "mhabench/compare/runs.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/results.h"

namespace mhabench {
namespace {

using test::file_row;
using test::file_row_without_time;
using test::message_of;
using test::results_file;
using test::wrong_file_row;

FileRow aggregate(const std::string& name, const std::string& kind, double us) {
  FileRow row = file_row(name, us);
  row.aggregate = kind;
  return row;
}

TEST(Runs, OfOneFileAreItsRepetitions) {
  const Runs runs = runs_of(
      {results_file("a.json", {file_row("x", 10), file_row("x", 12), aggregate("x", "median", 11),
                               file_row("y", 20), file_row("y", 21)})});
  EXPECT_EQ(runs.count, 2u);
  EXPECT_TRUE(runs.within_process);
  ASSERT_EQ(runs.rows.size(), 2u);
  EXPECT_EQ(runs.rows[0].name, "x");
  EXPECT_DOUBLE_EQ(*runs.rows[0].event_median[0], std::log(10));
  EXPECT_DOUBLE_EQ(*runs.rows[0].event_median[1], std::log(12));
  EXPECT_DOUBLE_EQ(*runs.rows[1].real_time[1], std::log(21 * 1.01));
}

TEST(Runs, OfOneFileWithoutRepetitionsIsOneRun) {
  const Runs runs = runs_of({results_file("a.json", {file_row("x", 10), file_row("y", 20)})});
  EXPECT_EQ(runs.count, 1u);
  EXPECT_FALSE(runs.within_process);
}

TEST(Runs, OfSeveralFilesAreTheFilesAndRepetitionsTheirMedian) {
  const Runs runs =
      runs_of({results_file("a.json", {file_row("x", 10), file_row("x", 40), file_row("x", 12)}),
               results_file("b.json", {file_row("x", 11)})});
  EXPECT_EQ(runs.count, 2u);
  EXPECT_FALSE(runs.within_process);
  EXPECT_TRUE(runs.by_median);
  EXPECT_EQ(runs.files, (std::vector<std::string>{"a.json", "b.json"}));
  EXPECT_DOUBLE_EQ(*runs.rows[0].event_median[0], std::log(12));
  EXPECT_DOUBLE_EQ(*runs.rows[0].event_median[1], std::log(11));
  EXPECT_EQ(runs.rows[0].present, 2u);
}

TEST(Runs, OfOneFileTakenWholeAreOne) {
  const Runs runs =
      runs_of({results_file("a.json", {file_row("x", 10), file_row("x", 40), file_row("x", 12)})},
              OneFile::whole);
  EXPECT_EQ(runs.count, 1u);
  EXPECT_FALSE(runs.within_process);
  EXPECT_TRUE(runs.by_median);
  EXPECT_DOUBLE_EQ(*runs.rows[0].event_median[0], std::log(12));
  EXPECT_FALSE(runs_of({results_file("a.json", {file_row("x", 10)})}, OneFile::whole).by_median);
}

TEST(Runs, OfAggregatesAloneAreTheirMedianElseTheirMean) {
  const Runs runs =
      runs_of({results_file("a.json", {aggregate("x", "mean", 10), aggregate("x", "median", 9),
                                       aggregate("x", "stddev", 1), aggregate("y", "mean", 20),
                                       aggregate("z", "stddev", 3)})});
  EXPECT_EQ(runs.count, 1u);
  ASSERT_EQ(runs.rows.size(), 2u) << "a deviation is no row";
  EXPECT_DOUBLE_EQ(*runs.rows[0].event_median[0], std::log(9));
  EXPECT_DOUBLE_EQ(*runs.rows[1].event_median[0], std::log(20));
}

// What stands for three repetitions of which one was wrong.
TEST(Runs, OfAggregatesAreWrongWhereOneRepetitionWas) {
  for (const char* const kind : {"mean", "stddev"}) {
    FileRow told = aggregate("x", kind, 10);
    told.numbers.front().second = 1.0 / 3;
    for (const OneFile one_file : {OneFile::repetitions, OneFile::whole}) {
      const Runs runs =
          runs_of({results_file("a.json", {aggregate("x", "median", 9), told})}, one_file);
      ASSERT_EQ(runs.rows.size(), 1u);
      EXPECT_EQ(runs.rows[0].wrong, 1u) << kind;
      EXPECT_EQ(runs.rows[0].right, 0u) << kind;
      EXPECT_FALSE(runs.by_median);
    }
  }
}

TEST(Runs, OfAFileWithoutAnyRowThatStandsForOneAreRefused) {
  const BenchmarkFile cv = results_file("cv.json", {aggregate("x", "cv", 0.1)});
  for (const OneFile one_file : {OneFile::repetitions, OneFile::whole}) {
    EXPECT_EQ(message_of<InputError>([&] { return runs_of({cv}, one_file); }),
              "'cv.json' holds no row that can be compared: it has aggregates alone, and neither a "
              "median nor a mean among them");
  }
  EXPECT_NE(message_of<InputError>([&] {
              return runs_of({results_file("a.json", {file_row("x", 10)}), cv});
            }),
            "");
}

TEST(Runs, CountFailedSkippedAndWrongOnes) {
  const Runs runs = runs_of(
      {results_file("a.json", {file_row_without_time("x", RowStatus::failed, "out of memory"),
                               wrong_file_row("y", 10)}),
       results_file("b.json", {file_row("x", 10), file_row("y", 11)}),
       results_file("c.json", {file_row_without_time("x", RowStatus::skipped, "no GPU")})});
  const RunsRow& x = runs.rows[0];
  EXPECT_EQ(x.present, 3u);
  EXPECT_EQ(x.failed, 1u);
  EXPECT_EQ(x.skipped, 1u);
  EXPECT_EQ(x.measured(), 1u);
  EXPECT_EQ(x.right, 1u);
  EXPECT_EQ(x.message, "out of memory");
  EXPECT_FALSE(x.real_time[0].has_value());
  EXPECT_TRUE(x.real_time[1].has_value());
  EXPECT_EQ(runs.rows[1].wrong, 1u);
  EXPECT_EQ(runs.rows[1].present, 2u);
  EXPECT_EQ(runs.rows[1].right, 1u);
  EXPECT_FALSE(runs.rows[1].real_time[0].has_value()) << "the output was wrong";
}

TEST(Runs, TakeNoTimeThatIsNotPositive) {
  FileRow row = file_row("x", 10);
  row.numbers.emplace_back("busy_us", 0);
  EXPECT_FALSE(runs_of({results_file("a.json", {row})}).rows[0].busy[0].has_value());
}

}  // namespace
}  // namespace mhabench
