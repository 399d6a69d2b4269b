#include "mhabench/results/table.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

using test::beta_config;
using test::config_with;
using test::ratio_of;
using test::row_without_time;
using test::timed_row;
using test::traced_row;
using test::wrong_row;

std::string table_of(const std::vector<Row>& rows) { return paired_table(pair_rows(rows)); }
std::string closing_of(const std::vector<Row>& rows) {
  return closing_lines(pair_rows(rows), rows);
}

std::vector<Row> both(const MhaConfig& config, double slow_us, double fast_us) {
  return {timed_row("slow", config, slow_us), timed_row("fast", config, fast_us)};
}

std::vector<Row> operator+(std::vector<Row> a, const std::vector<Row>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

MhaConfig large_config() {
  MhaConfig config = beta_config("3.05");
  config.dtype = Dtype::bf16;
  config.batch = 256;
  config.seq_len = 512;
  config.embed_dim = 1024;
  config.heads = 16;
  return config;
}

TEST(TableTest, ConfigurationsAreLinesUnderRightAlignedHeadings) {
  const std::string expected =
      "dtype  batch  seq_len  embed_dim  heads  beta  slow us  fast us  speed-up  padding  errors\n"
      " fp16     16       64        512      8  0.85     30.0     12.0      2.50    0.250       0\n"
      " bf16    256      512       1024     16  3.05  12345.7  10000.0      1.23    0.250       "
      "0\n";
  EXPECT_EQ(table_of(both(beta_config(), 30, 12) + both(large_config(), 12345.67, 10000)),
            expected);
}

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCell) {
  const std::string expected =
      "dtype  batch  seq_len  embed_dim  heads         beta      slow us  fast us      speed-up  "
      "padding  errors\n"
      " fp16     16       64        512      8  0.333333333  123456789.0      1.0  123456789.00  "
      "  0.250       0\n";
  EXPECT_EQ(table_of(both(beta_config("0.333333333"), 123456789, 1)), expected);
}

TEST(TableTest, EveryKindOfLengthsHasItsCell) {
  const Decimal beta = Decimal::parse("0.85");
  const std::vector<Row> rows =
      both(config_with({LengthsKind::beta, beta, "", 0, {}}), 30, 12) +
      both(config_with({LengthsKind::script, beta, "", 0, {}}), 30, 12) +
      both(config_with({LengthsKind::full, std::nullopt, "", 0, {}}), 30, 12) +
      both(config_with({LengthsKind::uniform, std::nullopt, "", 0, {}}), 30, 12) +
      both(config_with({LengthsKind::replayed, std::nullopt, "served", 7, {64, 3}}), 30, 12);
  const std::string expected =
      "dtype  batch  seq_len  embed_dim  heads   lengths  slow us  fast us  speed-up  padding  "
      "errors\n"
      " fp16     16       64        512      8      0.85     30.0     12.0      2.50    0.250  "
      "     0\n"
      " fp16     16       64        512      8      0.85     30.0     12.0      2.50    0.250  "
      "     0\n"
      " fp16     16       64        512      8      full     30.0     12.0      2.50    0.250  "
      "     0\n"
      " fp16     16       64        512      8   uniform     30.0     12.0      2.50    0.250  "
      "     0\n"
      " fp16     16       64        512      8  served.7     30.0     12.0      2.50    0.250  "
      "     0\n";
  EXPECT_EQ(table_of(rows), expected);
}

TEST(TableTest, TheHeadingIsBetaWhereAllLengthsHaveOne) {
  const Decimal beta = Decimal::parse("0.85");
  const std::string drawn =
      table_of(both(config_with({LengthsKind::script, beta, "", 0, {}}), 2, 1));
  EXPECT_NE(drawn.find("heads  beta  "), std::string::npos) << drawn;
  const std::string full =
      table_of(both(config_with({LengthsKind::full, std::nullopt, "", 0, {}}), 2, 1));
  EXPECT_NE(full.find("heads  lengths  "), std::string::npos) << full;
}

TEST(TableTest, WhatWasNotMeasuredIsADash) {
  const std::vector<Row> rows{
      timed_row("slow", beta_config("0.05"), 30),
      row_without_time("fast", beta_config("0.05"), RowStatus::failed, "out of memory"),
      row_without_time("slow", beta_config("0.25"), RowStatus::skipped, "needs a GPU"),
      timed_row("fast", beta_config("0.25"), 12),
      row_without_time("fast", beta_config("0.45"), RowStatus::skipped, "needs a GPU"),
  };
  const std::string expected =
      "dtype  batch  seq_len  embed_dim  heads  beta  slow us  fast us  speed-up  padding  errors\n"
      " fp16     16       64        512      8  0.05     30.0        -         -    0.250       1\n"
      " fp16     16       64        512      8  0.25        -     12.0         -    0.250       0\n"
      " fp16     16       64        512      8  0.45        -        -         -    0.250       "
      "0\n";
  EXPECT_EQ(table_of(rows), expected);
}

TEST(TableTest, ErrorsCountTheWrongAndFailedRowsOfBothPaths) {
  const MhaConfig config = beta_config();
  const std::vector<Row> rows{wrong_row("slow", config, 30), wrong_row("fast", config, 12),
                              row_without_time("fast", config, RowStatus::failed, "out of memory")};
  const std::string table = table_of(rows);
  EXPECT_EQ(table.substr(table.size() - 9), "       3\n") << table;
}

TEST(TableTest, NoPairsAreNoTable) {
  EXPECT_EQ(table_of({}), "");
  EXPECT_EQ(table_of({timed_row("packed_flash", beta_config(), 1)}), "");
}

TEST(ClosingLinesTest, ARunWithoutErrorsIsSummedUp) {
  std::vector<Row> rows = both(beta_config("0.05"), 40, 10) + both(beta_config("0.25"), 10, 40) +
                          both(beta_config("0.45"), 80, 10);
  rows[1].agrees = true;
  EXPECT_EQ(closing_of(rows),
            "Speed-up of fast over slow, geometric mean: 2.000 over 3 configurations; under 1: 1\n"
            "Wrong or failed rows: 0 of 6\n"
            "Total errors: 0\n");
}

TEST(ClosingLinesTest, AWrongTimeCountsInNoSpeedUpAndTheScriptsQuestionIsStillAnswered) {
  std::vector<Row> rows{timed_row("slow", beta_config("0.25"), 40),
                        wrong_row("fast", beta_config("0.25"), 1)};
  rows[1].agrees = false;
  const std::string alone = closing_of(rows);
  EXPECT_EQ(alone.find("Speed-up"), std::string::npos) << alone;
  EXPECT_NE(alone.find("Total errors: 1"), std::string::npos) << alone;
  const std::string text = closing_of(rows + both(beta_config("0.05"), 40, 10));
  EXPECT_TRUE(text.starts_with(
      "Speed-up of fast over slow, geometric mean: 4.000 over 1 configuration; under 1: 0\n"))
      << text;
}

TEST(ClosingLinesTest, OneConfigurationIsSingular) {
  EXPECT_EQ(closing_of(both(beta_config(), 30, 12)),
            "Speed-up of fast over slow, geometric mean: 2.500 over 1 configuration; under 1: 0\n"
            "Wrong or failed rows: 0 of 2\n"
            "Total errors: 0\n");
}

TEST(ClosingLinesTest, OnePathAloneHasNoSpeedupAndNoScriptErrors) {
  EXPECT_EQ(closing_of({timed_row("fast", beta_config(), 12)}), "Wrong or failed rows: 0 of 1\n");
}

TEST(ClosingLinesTest, EveryKindOfTroubleIsTold) {
  Row nonfinite = wrong_row("slow", beta_config("0.05"), 30);
  nonfinite.nonfinite = 5;
  nonfinite.max_abs_err.reset();
  nonfinite.rel_err.reset();
  Row differing = timed_row("fast", beta_config("0.05"), 15);
  differing.agrees = false;
  const std::vector<Row> rows{
      nonfinite,
      differing,
      wrong_row("fast", beta_config("0.25"), 12),
      row_without_time("slow", beta_config("0.25"), RowStatus::failed, "out of memory"),
      row_without_time("packed_flash", beta_config("0.25"), RowStatus::skipped, "needs a GPU"),
  };
  EXPECT_EQ(
      closing_of(rows),
      "skipped: packed_flash: needs a GPU (1 row)\n"
      "failed: MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.25: out of memory\n"
      "wrong: MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05: "
      "5 elements are NaN or inf\n"
      "wrong: MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.25: "
      "feature 5 of token 7 in sequence 2 is off by 0.5 (allowed 0.001); relative error 0.25 "
      "(allowed "
      "0.01)\n"
      "Wrong or failed rows: 3 of 5\n"
      "Total errors: 1 (times that fast and slow differ by more than the script's 1e-3)\n");
}

TEST(ClosingLinesTest, ARowThatWasWrongBeforeItFailedCountsOnce) {
  Row row = row_without_time("fast", beta_config(), RowStatus::failed, "out of memory");
  row.errors = 1;
  row.max_abs_err = 0.5;
  EXPECT_EQ(
      closing_of({row}),
      "failed: MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85: out of memory\n"
      "Wrong or failed rows: 1 of 1\n");
}

TEST(ClosingLinesTest, SkippedRowsAreOneLineAPathAndReason) {
  std::vector<Row> rows;
  for (const char* const beta : {"0.05", "0.25", "0.45"}) {
    rows.push_back(row_without_time("slow", beta_config(beta), RowStatus::skipped, "needs a GPU"));
    rows.push_back(row_without_time("fast", beta_config(beta), RowStatus::skipped, "needs a GPU"));
  }
  rows.push_back(row_without_time("fast", beta_config(), RowStatus::skipped, "length 0"));
  EXPECT_EQ(closing_of(rows),
            "skipped: fast: length 0 (1 row)\n"
            "skipped: fast: needs a GPU (3 rows)\n"
            "skipped: slow: needs a GPU (3 rows)\n"
            "Wrong or failed rows: 0 of 7\n");
}

// Twenty of a kind are shown in full, from the twenty-first on a count.
TEST(ClosingLinesTest, ManyNotesOfOneKindAreCut) {
  const auto failures = [](int count) {
    const Row row = row_without_time("fast", beta_config(), RowStatus::failed, "out of memory");
    return std::vector<Row>(static_cast<std::size_t>(count), row);
  };
  const std::string note =
      "failed: MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85: out of memory\n";
  std::string twenty;
  for (int i = 0; i < 20; ++i) twenty += note;
  EXPECT_EQ(closing_of(failures(20)), twenty + "Wrong or failed rows: 20 of 20\n");
  EXPECT_EQ(closing_of(failures(23)),
            twenty + "... and 3 more of these\n" + "Wrong or failed rows: 23 of 23\n");
}

TEST(ClosingLinesTest, NotesOfDifferentKindsAreCutApart) {
  std::vector<Row> rows(21, row_without_time("fast", beta_config(), RowStatus::failed, "no"));
  rows.push_back(wrong_row("slow", beta_config(), 1));
  const std::string text = closing_of(rows);
  EXPECT_NE(text.find("... and 1 more of these\nwrong: MHA/slow/"), std::string::npos) << text;
}

std::vector<Row> on_gpu(const MhaConfig& config) {
  return {traced_row("slow", config, 100, 40, 95), traced_row("fast", config, 200, 10, 5)};
}

TEST(TableTest, ARowOfAGpuShowsItsBusyTimeAndWhereTheHostWasTheLimit) {
  const std::string expected =
      "dtype  batch  seq_len  embed_dim  heads  beta  slow us   fast us   speed-up  slow busy us  "
      "fast busy us  speed-up  padding  errors\n"
      " fp16     16       64        512      8  0.85    100.0h    200.0       0.50          40.0  "
      "        10.0      4.00    0.250       0\n";
  EXPECT_EQ(table_of(on_gpu(beta_config())), expected);
}

TEST(TableTest, PathsThatTookTurnsHaveAVerdictByEachClock) {
  std::vector<Pair> pairs = pair_rows(on_gpu(beta_config()));
  enter_ratios({ratio_of(beta_config(), "event", 0.97, "undecided"),
                ratio_of(beta_config(), "busy", 3.9, "fast")},
               pairs);
  const std::string expected =
      "dtype  batch  seq_len  embed_dim  heads  beta  slow us   fast us   speed-up     faster  "
      "slow busy us  fast busy us  speed-up  faster  padding  errors\n"
      " fp16     16       64        512      8  0.85    100.0h    200.0       0.50  undecided  "
      "        40.0          10.0      4.00    fast    0.250       0\n";
  EXPECT_EQ(paired_table(pairs), expected);
  EXPECT_EQ(closing_lines(pairs, on_gpu(beta_config())),
            "h: the host was the limit; the GPU waits for it, and works for the busy time alone\n"
            "Speed-up of fast over slow, geometric mean: 0.500 over 1 configuration; under 1: 1\n"
            "Faster by the rounds, event clock: fast 0, slow 0, undecided 1\n"
            "The same of the GPU's busy time, geometric mean: 4.000 over 1 configuration; under "
            "1: 0\n"
            "Faster by the rounds, busy time: fast 1, slow 0, undecided 0\n"
            "Wrong or failed rows: 0 of 2\n"
            "Total errors: 0\n");
}

}  // namespace
}  // namespace mhabench
