#include "mhabench/results/layer_totals.h"

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

using test::beta_config;
using test::timed_row;
using Kind = BreakEven::Kind;

Row packed_row(const std::string& path, const std::string& beta, double padding, double us,
               double packing_us) {
  Row row = timed_row(path, beta_config(beta), us);
  row.padding = padding;
  row.pack_us = packing_us;
  row.unpack_us = packing_us;
  row.executed_flops = path == "slow" ? 100 : 100 * (1 - padding);
  return row;
}

Contender contender(double us, std::optional<double> pack_us, std::optional<double> unpack_us) {
  Contender contender;
  contender.summary.us = us;
  contender.pack_us = pack_us;
  contender.unpack_us = unpack_us;
  return contender;
}

TEST(LayerTotal, IsPackingCallsAndUnpacking) {
  EXPECT_EQ(layer_total_us(contender(10, 3, 2), 1), 15);
  EXPECT_EQ(layer_total_us(contender(10, 3, 2), 12), 125);
  EXPECT_EQ(layer_total_us(contender(10, 0, 0), 12), 120);
}

TEST(LayerTotal, WithoutAPartIsUnknown) {
  EXPECT_EQ(layer_total_us(contender(10, std::nullopt, 2), 1), std::nullopt);
  EXPECT_EQ(layer_total_us(contender(10, 3, std::nullopt), 1), std::nullopt);
  Contender wrong = contender(10, 3, 2);
  wrong.summary.wrong = 1;
  EXPECT_EQ(layer_total_us(wrong, 1), std::nullopt);
}

// The path is behind by 20 us at 0.1 and ahead by 60 at 0.5: a quarter of the way.
TEST(BreakEvenTest, LiesOnTheLineBetweenLossAndWin) {
  const BreakEven found = break_even({{0.5, 100, 40}, {0.1, 100, 120}, {0.7, 100, 30}});
  EXPECT_EQ(found.kind, Kind::from);
  EXPECT_DOUBLE_EQ(found.padding, 0.2);
  EXPECT_EQ(text_of(found), "0.20");
}

TEST(BreakEvenTest, AlwaysAndNever) {
  EXPECT_EQ(break_even({{0.1, 100, 99}, {0.5, 100, 40}}).kind, Kind::always);
  EXPECT_EQ(break_even({{0.1, 100, 101}, {0.5, 100, 140}}).kind, Kind::never);
  EXPECT_EQ(break_even({{0.1, 100, 99}}).kind, Kind::always);
  EXPECT_EQ(break_even({{0.1, 100, 100}}).kind, Kind::never);
  EXPECT_EQ(text_of({Kind::always, 0}), "always");
  EXPECT_EQ(text_of({Kind::never, 0}), "never");
}

// A win below the last loss does not count; a loss at the largest padding is never.
TEST(BreakEvenTest, TheLastLossDecides) {
  const BreakEven found =
      break_even({{0.1, 100, 90}, {0.2, 100, 110}, {0.4, 100, 90}, {0.6, 100, 80}});
  EXPECT_EQ(found.kind, Kind::from);
  EXPECT_DOUBLE_EQ(found.padding, 0.3);
  EXPECT_EQ(break_even({{0.1, 100, 90}, {0.6, 100, 110}}).kind, Kind::never);
}

TEST(BreakEvenTest, AnEvenMatchIsThePointItself) {
  const BreakEven found = break_even({{0.2, 100, 100}, {0.4, 100, 50}});
  EXPECT_EQ(found.kind, Kind::from);
  EXPECT_DOUBLE_EQ(found.padding, 0.2);
}

// Slow: 100 a call, nothing to pack. Packed: packing 40 us in all, calls 90 and 30.
// L = 1: 130 against 100 at padding 0.1, 70 at 0.7: even at 0.1 + 0.6 * 30 / 60 = 0.4.
// L = 12: 1120 against 1200 at 0.1: always.
std::vector<Row> two_paddings() {
  return {packed_row("slow", "0.05", 0.1, 100, 0), packed_row("packed_flash", "0.05", 0.1, 90, 20),
          packed_row("slow", "3.05", 0.7, 100, 0), packed_row("packed_flash", "3.05", 0.7, 30, 20)};
}

TEST(LayerTotals, TellWinnersAndBreakEven) {
  EXPECT_EQ(
      layer_totals(contenders_of(two_paddings()), 120),
      "Least total of packing, L calls and unpacking, by event time\n"
      "dtype  batch  seq_len  embed_dim  heads  beta  padding         L = 1     us  over padded  "
      "      L = 12      us  over padded\n"
      " fp16     16       64        512      8  0.05    0.100          slow  100.0         1.00  "
      "packed_flash  1120.0         1.07\n"
      " fp16     16       64        512      8  3.05    0.700  packed_flash   70.0         1.43  "
      "packed_flash   400.0         3.00\n"
      "\n"
      "Padding from which a ragged path's total beats the best padded one's, L = 1 / 12\n"
      "dtype  batch  seq_len  embed_dim  heads     padding   packed_flash\n"
      " fp16     16       64        512      8  0.10..0.70  0.40 / always\n");
}

TEST(LayerTotals, PaddedPathsHaveNoBreakEven) {
  const std::string text = layer_totals(contenders_of({packed_row("slow", "0.05", 0, 100, 0),
                                                       packed_row("fast_dense", "0.05", 0, 90, 1)}),
                                        120);
  EXPECT_NE(text, "");
  EXPECT_EQ(text.find("Padding from which"), std::string::npos) << text;
}

// padded_sdpa takes 60: 130 against 60 at padding 0.1, 70 against 60 at 0.7.
TEST(LayerTotals, TheBestPaddedPathIsWhatRaggedOnesHaveToBeat) {
  std::vector<Row> rows = two_paddings();
  rows.push_back(packed_row("padded_sdpa", "0.05", 0.1, 60, 0));
  rows.push_back(packed_row("padded_sdpa", "3.05", 0.7, 60, 0));
  rows.push_back(packed_row("padded_sdpa_graph", "0.05", 0.1, 1, 0));
  const std::string text = layer_totals(contenders_of(rows), 120);
  EXPECT_NE(text.find("0.10..0.70  never / "), std::string::npos) << text;
}

TEST(LayerTotals, ColumnsThatDoNotFitStandInAnotherBlock) {
  std::vector<Row> rows = two_paddings();
  for (const char* const beta : {"0.05", "3.05"}) {
    rows.push_back(packed_row("packed_efficient", beta, beta[0] == '0' ? 0.1 : 0.7, 1000, 20));
  }
  const auto blocks = [&](std::size_t width) {
    const std::string text = layer_totals(contenders_of(rows), width);
    int count = 0;
    for (std::size_t at = text.find("  heads     padding"); at != std::string::npos;
         at = text.find("  heads     padding", at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(blocks(120), 1);
  EXPECT_EQ(blocks(70), 2);
  EXPECT_EQ(blocks(10), 2) << "a column of its own is the least";
}

TEST(LayerTotals, SeriesAreOfOneShape) {
  std::vector<Row> rows = two_paddings();
  for (Row row : two_paddings()) {
    row.config.seq_len = 128;
    rows.push_back(row);
  }
  const std::string text = layer_totals(contenders_of(rows), 120);
  EXPECT_NE(text.find("      64        512      8  0.10..0.70  0.40 / always\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("     128        512      8  0.10..0.70  0.40 / always\n"), std::string::npos)
      << text;
}

TEST(LayerTotals, WithoutTimesOfPackingThereAreNone) {
  EXPECT_EQ(layer_totals(contenders_of({timed_row("slow", beta_config(), 10),
                                        timed_row("packed_flash", beta_config(), 5)}),
                         120),
            "");
  EXPECT_EQ(layer_totals(contenders_of({packed_row("packed_flash", "0.05", 0.1, 5, 1)}), 120), "");
}

}  // namespace
}  // namespace mhabench
