#include "mhabench/results/benchmark_file.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

using test::message_of;
using test::TempDir;
using test::write_text;

BenchmarkFile parsed(std::string_view text) { return parse_benchmark_file(text, "a.json"); }

BenchmarkFile with_rows(const std::string& rows) {
  return parsed(R"({"context": {"date": "now"}, "benchmarks": [)" + rows + "]}");
}

std::string problem(std::string_view text) {
  return message_of<InputError>([&] { return parsed(text); });
}

std::string row_problem(const std::string& rows) {
  return message_of<InputError>([&] { return with_rows(rows); });
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(BenchmarkFile, ReadsARowOfThisSuite) {
  const BenchmarkFile file = parsed(R"({
    "context": {"gpu_name": "NVIDIA H200", "seed": 26214, "grid": {"dtype": ["fp16"]}, "x": null},
    "benchmarks": [{"name": "MHA/fast/fp16/batch:16/manual_time",
      "run_name": "MHA/fast/fp16/batch:16/manual_time", "run_type": "iteration",
      "repetitions": 3, "repetition_index": 2, "real_time": 12.5, "cpu_time": 13,
      "time_unit": "us", "busy_us": 10.25, "errors": 0.0, "path": "fast", "backend": "flash"}]})");
  EXPECT_EQ(file.name, "a.json");
  EXPECT_EQ(file.context.at("gpu_name"), "NVIDIA H200");
  EXPECT_EQ(file.context.at("seed"), "26214");
  EXPECT_EQ(file.context.at("grid.dtype"), R"(["fp16"])");
  ASSERT_EQ(file.rows.size(), 1u);
  const FileRow& row = file.rows.front();
  EXPECT_EQ(row.name, "MHA/fast/fp16/batch:16/manual_time");
  EXPECT_EQ(row.status, RowStatus::measured);
  EXPECT_EQ(row.repetition, 2);
  EXPECT_EQ(row.real_time_us, 12.5);
  EXPECT_EQ(row.cpu_time_us, 13);
  EXPECT_EQ(row.number("busy_us"), 10.25);
  EXPECT_EQ(row.number("errors"), 0);
  EXPECT_FALSE(row.number("host_us").has_value());
  EXPECT_EQ(row.string("backend"), "flash");
  EXPECT_EQ(row.path(), "fast");
}

TEST(BenchmarkFile, ReadsTimesInEveryUnit) {
  const BenchmarkFile file = with_rows(R"({"name": "a", "real_time": 2500, "time_unit": "ns"},
    {"name": "b", "real_time": 2.5, "time_unit": "us"},
    {"name": "c", "real_time": 0.0025, "time_unit": "ms"},
    {"name": "d", "real_time": 2.5e-6, "time_unit": "s"}, {"name": "e", "real_time": 2500})");
  for (const FileRow& row : file.rows) EXPECT_NEAR(*row.real_time_us, 2.5, 1e-12) << row.name;
}

TEST(BenchmarkFile, ReadsErrorsAndSkipsOfOldAndNewVersions) {
  const BenchmarkFile file = with_rows(
      R"({"name": "a", "error_occurred": true, "error_message": "out of memory", "real_time": 0.0},
    {"name": "b", "skipped": true, "skip_message": "no GPU"},
    {"name": "c", "error_occurred": true, "error_message": "x", "skip_reason": "needs a GPU"},
    {"name": "d", "error_occurred": false, "skipped": false, "real_time": 1})");
  EXPECT_EQ(file.rows[0].status, RowStatus::failed);
  EXPECT_EQ(file.rows[0].message, "out of memory");
  EXPECT_FALSE(file.rows[0].real_time_us.has_value());
  EXPECT_EQ(file.rows[1].status, RowStatus::skipped);
  EXPECT_EQ(file.rows[1].message, "no GPU");
  EXPECT_EQ(file.rows[2].status, RowStatus::skipped);
  EXPECT_EQ(file.rows[2].message, "needs a GPU");
  EXPECT_EQ(file.rows[3].status, RowStatus::measured);
}

TEST(BenchmarkFile, ReadsAggregates) {
  const BenchmarkFile file = with_rows(
      R"({"name": "a_mean", "run_name": "a", "run_type": "aggregate", "aggregate_name": "mean",
      "aggregate_unit": "time", "real_time": 3, "time_unit": "us"},
    {"name": "a_cv", "run_name": "a", "run_type": "aggregate", "aggregate_name": "cv",
      "aggregate_unit": "percentage", "real_time": 0.01, "time_unit": "us"},
    {"name": "a_BigO", "run_name": "a", "run_type": "aggregate", "aggregate_name": "BigO",
      "cpu_coefficient": 1.5, "big_o": "N", "time_unit": "us"})");
  EXPECT_EQ(file.rows[0].name, "a");
  EXPECT_EQ(file.rows[0].aggregate, "mean");
  EXPECT_EQ(file.rows[0].real_time_us, 3);
  EXPECT_EQ(file.rows[1].aggregate, "cv");
  EXPECT_FALSE(file.rows[1].real_time_us.has_value()) << "a share is no time";
  EXPECT_FALSE(file.rows[2].real_time_us.has_value());
  EXPECT_EQ(file.rows[2].status, RowStatus::measured);
}

TEST(BenchmarkFile, TakesGoogleBenchmarksNoNumbersForAbsent) {
  const BenchmarkFile file = with_rows(
      R"({"name": "a NaN \" -Infinity", "real_time": 1, "x": NaN, "y": -Infinity, "z": -1.5,
      "s": "Infinity"}, {"name": "b", "real_time": NaN})");
  EXPECT_EQ(file.rows[0].name, "a NaN \" -Infinity");
  EXPECT_FALSE(file.rows[0].number("x").has_value());
  EXPECT_FALSE(file.rows[0].number("y").has_value());
  EXPECT_EQ(file.rows[0].number("z"), -1.5);
  EXPECT_EQ(file.rows[0].string("s"), "Infinity");
  EXPECT_EQ(file.rows[1].status, RowStatus::failed);
  EXPECT_EQ(file.rows[1].message, "no real_time above 0");
}

TEST(BenchmarkFile, TakesThePathOfAPlainProgramFromTheName) {
  const BenchmarkFile file =
      with_rows(R"({"name": "BM_Sort/1024", "real_time": 1}, {"name": "BM_Copy", "real_time": 1},
    {"name": "MHA/slow/fp16", "real_time": 1})");
  EXPECT_EQ(file.rows[0].path(), "BM_Sort");
  EXPECT_EQ(file.rows[1].path(), "BM_Copy");
  EXPECT_EQ(file.rows[2].path(), "slow");
}

TEST(BenchmarkFile, NamesTheFileThatHoldsNoRows) {
  EXPECT_EQ(problem(""), "'a.json': is empty");
  EXPECT_EQ(problem("17"), "'a.json': holds number, so it is no results file of Google Benchmark");
  EXPECT_EQ(row_problem(""), "'a.json': holds no rows: 'benchmarks' is empty");
}

TEST(BenchmarkFile, NamesTheLineWhereAFileIsCutOff) {
  const std::string message =
      problem("{\"context\": {},\n \"benchmarks\": [\n  {\"name\": \"a\", ");
  EXPECT_TRUE(has(message, "'a.json': is truncated or no JSON: parse error at line 3")) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(BenchmarkFile, NamesTheRowAndTheFieldOfAnotherType) {
  EXPECT_EQ(row_problem(R"({"name": "a", "real_time": 1}, {"name": "b", "real_time": "fast"})"),
            "'a.json': entry 2 of 'benchmarks' ('b'): 'real_time' is string, not a number");
  EXPECT_EQ(row_problem(R"({"name": 7, "real_time": 1})"),
            "'a.json': entry 1 of 'benchmarks': 'name' is number, not a string");
  EXPECT_EQ(row_problem(R"({"real_time": 1})"), "'a.json': entry 1 of 'benchmarks': has no 'name'");
  EXPECT_EQ(row_problem(R"({"name": "a", "error_occurred": 1})"),
            "'a.json': entry 1 of 'benchmarks' ('a'): 'error_occurred' is number, not true or "
            "false");
  EXPECT_EQ(row_problem(R"({"name": "a", "real_time": 1, "time_unit": "min"})"),
            "'a.json': entry 1 of 'benchmarks' ('a'): time_unit 'min' is none of ns, us, ms, s");
  EXPECT_EQ(row_problem("17"), "'a.json': entry 1 of 'benchmarks' is number, not an object");
}

TEST(BenchmarkFile, MessagesStayOneLine) {
  const std::string named = row_problem("{\"name\": \"a\\nb\\u001b[31m\", \"real_time\": true}");
  EXPECT_EQ(named.find('\n'), std::string::npos);
  EXPECT_EQ(named.find('\x1b'), std::string::npos);
}

TEST(BenchmarkFile, SaysWhyAFileCannotBeRead) {
  const TempDir dir;
  const std::string absent = (dir / "absent.json").string();
  EXPECT_EQ(message_of<InputError>([&] { return read_benchmark_file(absent); }),
            "'" + absent + "': cannot be opened: No such file or directory");
  EXPECT_EQ(message_of<InputError>([&] { return read_benchmark_file(dir.path()); }),
            "'" + dir.path().string() + "': is a directory");
  write_text(dir / "b.json", R"({"context": {}, "benchmarks": [{"name": "a", "real_time": 1}]})");
  EXPECT_EQ(read_benchmark_file(dir / "b.json").rows.size(), 1u);
}

// Files of schema 1: a name without lengths is of draws by Boost.Math, and numpy is the script's.
TEST(BenchmarkFile, RowsOfOlderFilesHaveTheNamesAndLengthsOfToday) {
  const auto read = [](const std::string& name, const std::string& lengths) {
    return parse_benchmark_file(R"({"context": {"mhabench_schema": 1, "lengths": ")" + lengths +
                                    R"("}, "benchmarks": [{"name": "MHA/slow/fp16/)" + name +
                                    R"(", "lengths": ")" + lengths + R"(", "real_time": 1}]})",
                                "old.json");
  };
  const BenchmarkFile drawn = read("batch:2/beta:0.85/manual_time", "beta");
  EXPECT_EQ(drawn.rows[0].name, "MHA/slow/fp16/batch:2/beta:0.85/lengths:beta/manual_time");
  const BenchmarkFile script = read("batch:2/beta:0.85/lengths:numpy/manual_time", "numpy");
  EXPECT_EQ(script.rows[0].name, "MHA/slow/fp16/batch:2/beta:0.85/manual_time");
  EXPECT_EQ(script.rows[0].string("lengths"), "script");
  EXPECT_EQ(script.context.at("lengths"), "script");
}

}  // namespace
}  // namespace mhabench
