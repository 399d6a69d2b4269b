#include "mhabench/results/script_files.h"

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/config/names.h"
#include "support/rows.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

using test::beta_config;
using test::row_without_time;
using test::timed_row;
using test::wrong_row;

std::string golden(std::string_view name) {
  return test::read_text(std::filesystem::path(MHABENCH_TEST_DATA_DIR) / "results" / name);
}

// std::istream reads no hexadecimal floats.
double read_float(std::istream& in) {
  std::string text;
  in >> text;
  return std::stod(text);
}

// The rows of a line of script_rows.golden: slow, then fast with what the two say of each other.
std::vector<Row> rows_of_line(const std::string& line) {
  std::istringstream in(line);
  std::string dtype, beta, agrees;
  MhaConfig config;
  in >> dtype >> config.batch >> config.seq_len >> config.heads >> config.embed_dim >> beta;
  config.dtype = parse_dtype(dtype);
  config.lengths.beta = Decimal::parse(beta);
  Row slow = timed_row("slow", config, read_float(in));
  Row fast = timed_row("fast", config, read_float(in));
  slow.padding = fast.padding = read_float(in);
  in >> agrees;
  fast.agrees = agrees == "yes";
  return {slow, fast};
}

std::vector<Pair> golden_pairs() {
  std::vector<Row> rows;
  std::istringstream lines(golden("script_rows.golden"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    for (Row& row : rows_of_line(line)) rows.push_back(std::move(row));
  }
  return pair_rows(rows);
}

TEST(ScriptFilesTest, CsvIsTheScriptsToTheByte) {
  ASSERT_EQ(golden_pairs().size(), 10U);
  EXPECT_EQ(script_csv(golden_pairs()), golden("script_csv.golden"));
}

TEST(ScriptFilesTest, ErrorJsonIsTheScriptsToTheByte) {
  EXPECT_EQ(script_error_json(golden_pairs()), golden("script_errors.golden"));
}

TEST(ScriptFilesTest, WhatWasNotMeasuredIsAnEmptyField) {
  const auto last_line = [](const std::vector<Row>& rows) {
    const std::string csv = script_csv(pair_rows(rows));
    return csv.substr(csv.find("\r\n") + 2);
  };
  EXPECT_EQ(last_line({timed_row("slow", beta_config(), 30)}),
            "torch.float16,16,64,8,512,30.000,,,0.250\r\n");
  EXPECT_EQ(last_line({row_without_time("slow", beta_config(), RowStatus::failed, "no"),
                       timed_row("fast", beta_config(), 12)}),
            "torch.float16,16,64,8,512,,12.000,,0.250\r\n");
}

TEST(ScriptFilesTest, WithoutPairsTheCsvIsItsHeader) {
  const std::string csv = golden("script_csv.golden");
  EXPECT_EQ(script_csv({}), csv.substr(0, csv.find("\r\n") + 2));
}

TEST(ScriptFilesTest, OtherPathsStandBehindTheScriptsColumns) {
  const MhaConfig first = beta_config("0.05");
  const MhaConfig second = beta_config("3.05");
  std::vector<Row> rows{timed_row("slow", first, 30), timed_row("fast", first, 12),
                        timed_row("packed_flash", first, 10), timed_row("packed_flash", second, 7)};
  rows[2].busy_us = 4;
  rows[2].pack_us = 3;
  rows[2].unpack_us = 2;
  const std::string golden_header = golden("script_csv.golden");
  EXPECT_EQ(script_csv(pair_rows(rows), contenders_of(rows)),
            golden_header.substr(0, golden_header.find("\r\n")) +
                ",time_packed_flash (\u00b5s),speedup packed_flash v slow,"
                "busy_packed_flash (\u00b5s),pack_packed_flash (\u00b5s),"
                "unpack_packed_flash (\u00b5s),total_1_packed_flash (\u00b5s),"
                "total_12_packed_flash (\u00b5s)\r\n"
                "torch.float16,16,64,8,512,30.000,12.000,2.500,0.250,10.000,3.000,4.000,3.000,"
                "2.000,15.000,125.000\r\n"
                "torch.float16,16,64,8,512,,,,0.250,7.000,,,,,,\r\n");
}

TEST(ScriptFilesTest, WrongRowsKeepTheirTimeAndHaveNoSpeedUp) {
  const MhaConfig config = beta_config();
  const std::vector<Row> rows{wrong_row("slow", config, 30), timed_row("fast", config, 12),
                              timed_row("packed_flash", config, 10)};
  const std::string csv = script_csv(pair_rows(rows), contenders_of(rows));
  EXPECT_EQ(csv.substr(csv.find("\r\n") + 2),
            "torch.float16,16,64,8,512,30.000,12.000,,0.250,10.000,\r\n");
}

TEST(ScriptFilesTest, WithoutErrorsTheJsonIsAnEmptyObject) {
  EXPECT_EQ(script_error_json({}), "{}");
  EXPECT_EQ(script_error_json(pair_rows({timed_row("slow", beta_config(), 30)})), "{}");
}

// Lengths are no part of the script's key, so its betas add up.
TEST(ScriptFilesTest, ConfigurationsThatDifferInLengthsShareAKey) {
  std::vector<Row> rows;
  for (const char* const beta : {"0.05", "0.25", "0.05"}) {
    rows.push_back(timed_row("fast", beta_config(beta), 12));
    rows.back().agrees = false;
  }
  EXPECT_EQ(script_error_json(pair_rows(rows)),
            R"({"batch:16_seq_len:64_n_heads:8_embed_dim:512": 3})");
}

}  // namespace
}  // namespace mhabench
