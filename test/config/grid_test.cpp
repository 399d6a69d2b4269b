#include "mhabench/config/grid.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/config/names.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using test::message_of;
using Names = std::vector<std::string>;

Grid small_grid() {
  Grid grid;
  grid.dtypes = {Dtype::fp32};
  grid.batches = {2};
  grid.seq_lens = {16};
  grid.embed_dims = {64};
  grid.heads = {8};
  grid.betas = parse_decimals("0.85");
  return grid;
}

Names names_of(const std::vector<MhaConfig>& configs) {
  Names names;
  for (const MhaConfig& config : configs) names.push_back(config_name(config));
  return names;
}

Names expanded(const Grid& grid) { return names_of(expand(grid).configs); }

std::string error_of(const Grid& grid) {
  return message_of<InputError>([&] { return expand(grid); });
}

LengthsLine plain(int line, std::vector<std::int64_t> lengths) {
  return {"served", line, std::move(lengths), std::nullopt};
}

LengthsLine dumped(int line, std::vector<std::int64_t> lengths, LengthsLine::Fixed fixed) {
  return {"served", line, std::move(lengths), fixed};
}

TEST(Expand, RunsThroughTheAxesInTheScriptsOrder) {
  Grid grid = small_grid();
  grid.dtypes = {Dtype::fp16, Dtype::bf16};
  grid.batches = {2, 1};
  grid.seq_lens = {16, 8};
  grid.embed_dims = {64, 128};
  grid.heads = {8, 4};
  grid.betas = parse_decimals("0.05,3");
  const Names names = expanded(grid);
  ASSERT_EQ(names.size(), 64u);
  // What each step moves: the betas innermost, the dtypes outermost.
  EXPECT_EQ(names[0], "fp16/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.05");
  EXPECT_EQ(names[1], "fp16/batch:2/seq_len:16/embed_dim:64/heads:8/beta:3");
  EXPECT_EQ(names[2], "fp16/batch:2/seq_len:16/embed_dim:64/heads:4/beta:0.05");
  EXPECT_EQ(names[4], "fp16/batch:2/seq_len:16/embed_dim:128/heads:8/beta:0.05");
  EXPECT_EQ(names[8], "fp16/batch:2/seq_len:8/embed_dim:64/heads:8/beta:0.05");
  EXPECT_EQ(names[16], "fp16/batch:1/seq_len:16/embed_dim:64/heads:8/beta:0.05");
  EXPECT_EQ(names[32], "bf16/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.05");
  EXPECT_EQ(names[63], "bf16/batch:1/seq_len:8/embed_dim:128/heads:4/beta:3");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 64u);
}

TEST(Expand, GivesEveryConfigurationOnce) {
  Grid grid = small_grid();
  grid.batches = {2, 8};
  grid.heads = {8, 2};
  grid.betas = parse_decimals("0.05,0.85,3.05");
  EXPECT_EQ(expanded(grid), (Names{
                                "fp32/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.05",
                                "fp32/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.85",
                                "fp32/batch:2/seq_len:16/embed_dim:64/heads:8/beta:3.05",
                                "fp32/batch:2/seq_len:16/embed_dim:64/heads:2/beta:0.05",
                                "fp32/batch:2/seq_len:16/embed_dim:64/heads:2/beta:0.85",
                                "fp32/batch:2/seq_len:16/embed_dim:64/heads:2/beta:3.05",
                                "fp32/batch:8/seq_len:16/embed_dim:64/heads:8/beta:0.05",
                                "fp32/batch:8/seq_len:16/embed_dim:64/heads:8/beta:0.85",
                                "fp32/batch:8/seq_len:16/embed_dim:64/heads:8/beta:3.05",
                                "fp32/batch:8/seq_len:16/embed_dim:64/heads:2/beta:0.05",
                                "fp32/batch:8/seq_len:16/embed_dim:64/heads:2/beta:0.85",
                                "fp32/batch:8/seq_len:16/embed_dim:64/heads:2/beta:3.05",
                            }));
}

TEST(Expand, FillsTheConfiguration) {
  const std::vector<MhaConfig> configs = expand(small_grid()).configs;
  ASSERT_EQ(configs.size(), 1u);
  const LengthsSource lengths{LengthsKind::script, Decimal::parse("0.85"), {}, 0, {}};
  EXPECT_EQ(configs.front(), (MhaConfig{Dtype::fp32, 2, 16, 64, 8, lengths}));
  EXPECT_EQ(configs.front().head_dim(), 8);
}

TEST(Expand, MultipliesByBetasOnlyWhereLengthsHaveOne) {
  Grid grid = small_grid();
  grid.betas = parse_decimals("0.05,0.85");
  grid.lengths = LengthsKind::beta;
  EXPECT_EQ(expanded(grid),
            (Names{"fp32/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.05/lengths:beta",
                   "fp32/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.85/lengths:beta"}));
  grid.lengths = LengthsKind::full;
  EXPECT_EQ(expanded(grid), (Names{"fp32/batch:2/seq_len:16/embed_dim:64/heads:8/lengths:full"}));
  grid.lengths = LengthsKind::uniform;
  EXPECT_EQ(expanded(grid),
            (Names{"fp32/batch:2/seq_len:16/embed_dim:64/heads:8/lengths:uniform"}));
}

TEST(Expand, DropsWidthsThatHeadsDoNotDivide) {
  Grid grid = small_grid();
  grid.embed_dims = {64, 96};
  grid.heads = {8, 12};
  const Expansion expansion = expand(grid);
  EXPECT_EQ(names_of(expansion.configs),
            (Names{"fp32/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.85",
                   "fp32/batch:2/seq_len:16/embed_dim:96/heads:8/beta:0.85",
                   "fp32/batch:2/seq_len:16/embed_dim:96/heads:12/beta:0.85"}));
  EXPECT_EQ(expansion.dropped, (Names{"64/12"}));
  EXPECT_EQ(expand(small_grid()).dropped, Names{});
}

TEST(Expand, RefusesAGridWithNothingLeft) {
  Grid grid = small_grid();
  grid.heads = {7};
  EXPECT_EQ(error_of(grid),
            "no configuration is left: heads must divide embed_dim (embed_dim/heads given: 64/7)");
  grid.heads = parse_integers("65:164:1");
  EXPECT_EQ(error_of(grid),
            "no configuration is left: heads must divide embed_dim (embed_dim/heads given: 64/65, "
            "64/66, 64/67, 64/68, 64/69, 64/70, 64/71, 64/72, ...)");
}

TEST(Expand, RefusesMoreThanAMillionConfigurations) {
  const std::string message = "the axes give more than 1000000 configurations: shorten their lists";
  Grid grid = small_grid();
  grid.batches = parse_integers("1:1000:1");
  grid.seq_lens = parse_integers("1:1000:1");
  EXPECT_EQ(expand(grid).configs.size(), 1'000'000u);
  grid.seq_lens = parse_integers("1:1001:1");
  EXPECT_EQ(error_of(grid), message);
  for (auto axis : {&Grid::batches, &Grid::seq_lens, &Grid::embed_dims, &Grid::heads}) {
    grid.*axis = parse_integers("1:100000:1");
  }
  EXPECT_EQ(error_of(grid), message);
  grid.lines = std::vector<LengthsLine>(11, plain(1, {3}));
  grid.embed_dims = parse_integers("1:1000:1");
  grid.heads = parse_integers("1:100:1");
  EXPECT_EQ(error_of(grid), message);
}

TEST(Expand, TakesBatchesFromPlainLines) {
  Grid grid = small_grid();
  grid.heads = {8, 4};
  grid.lines = {plain(1, {3, 5, 4}), plain(4, {7})};
  const std::vector<MhaConfig> configs = expand(grid).configs;
  EXPECT_EQ(names_of(configs),
            (Names{"fp32/batch:3/seq_len:5/embed_dim:64/heads:8/lengths:served.1",
                   "fp32/batch:3/seq_len:5/embed_dim:64/heads:4/lengths:served.1",
                   "fp32/batch:1/seq_len:7/embed_dim:64/heads:8/lengths:served.4",
                   "fp32/batch:1/seq_len:7/embed_dim:64/heads:4/lengths:served.4"}));
  EXPECT_EQ(configs.front().lengths,
            (LengthsSource{LengthsKind::replayed, std::nullopt, "served", 1, {3, 5, 4}}));
}

TEST(Expand, TakesDumpedLinesWhole) {
  Grid grid = small_grid();
  grid.dtypes = {Dtype::fp32, Dtype::bf16};
  grid.heads = {5};  // Not the lines', and no reason to drop anything.
  grid.lines = {dumped(1, {3, 5}, {8, 768, 12, Decimal::parse("0.85")}),
                dumped(2, {4}, {4, 128, 1, std::nullopt})};
  const Expansion expansion = expand(grid);
  EXPECT_EQ(names_of(expansion.configs),
            (Names{"fp32/batch:2/seq_len:8/embed_dim:768/heads:12/lengths:served.1",
                   "fp32/batch:1/seq_len:4/embed_dim:128/heads:1/lengths:served.2",
                   "bf16/batch:2/seq_len:8/embed_dim:768/heads:12/lengths:served.1",
                   "bf16/batch:1/seq_len:4/embed_dim:128/heads:1/lengths:served.2"}));
  EXPECT_EQ(expansion.configs.front().lengths,
            (LengthsSource{LengthsKind::replayed, Decimal::parse("0.85"), "served", 1, {3, 5}}));
  EXPECT_EQ(expansion.configs[1].lengths.beta, std::nullopt);
  EXPECT_EQ(expansion.dropped, Names{});
}

TEST(Expand, KeepsLinesOfBothKindsInTheirOrder) {
  Grid grid = small_grid();
  grid.heads = {8, 12};
  grid.lines = {dumped(1, {4}, {4, 128, 2, std::nullopt}), plain(2, {3}),
                dumped(3, {6}, {6, 32, 2, std::nullopt})};
  const Expansion expansion = expand(grid);
  EXPECT_EQ(names_of(expansion.configs),
            (Names{"fp32/batch:1/seq_len:4/embed_dim:128/heads:2/lengths:served.1",
                   "fp32/batch:1/seq_len:3/embed_dim:64/heads:8/lengths:served.2",
                   "fp32/batch:1/seq_len:6/embed_dim:32/heads:2/lengths:served.3"}));
  EXPECT_EQ(expansion.dropped, (Names{"64/12"}));
}

TEST(Expand, RefusesADumpedLineWhoseHeadsDoNotDivide) {
  Grid grid = small_grid();
  grid.lines = {dumped(9, {3}, {3, 64, 7, std::nullopt})};
  EXPECT_EQ(error_of(grid),
            "line 9 of the lengths file: embed_dim 64 is not a multiple of heads 7");
}

TEST(NamedGrid, ScriptIsThePyTorchScripts) {
  const Expansion expansion = expand(named_grid("script"));
  const Names names = names_of(expansion.configs);
  ASSERT_EQ(names.size(), 1280u);
  EXPECT_EQ(expansion.dropped, Names{});
  EXPECT_EQ(names.front(), "fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05");
  EXPECT_EQ(names.back(), "fp16/batch:256/seq_len:512/embed_dim:1024/heads:16/beta:3.05");
  // The script's loops, written out.
  std::size_t at = 0;
  for (const int batch : {16, 32, 64, 128, 256}) {
    for (const int seq_len : {64, 128, 256, 512}) {
      for (const int embed_dim : {512, 1024}) {
        for (const int heads : {8, 16}) {
          for (const char* beta :
               {"0.05", "0.25", "0.45", "0.65", "0.85", "1.05", "1.25", "1.45", "1.65", "1.85",
                "2.05", "2.25", "2.45", "2.65", "2.85", "3.05"}) {
            EXPECT_EQ(names[at++], "fp16/batch:" + std::to_string(batch) +
                                       "/seq_len:" + std::to_string(seq_len) +
                                       "/embed_dim:" + std::to_string(embed_dim) +
                                       "/heads:" + std::to_string(heads) + "/beta:" + beta);
          }
        }
      }
    }
  }
}

TEST(NamedGrid, QuickIsPartOfScript) {
  const Names script = expanded(named_grid("script"));
  const std::set<std::string> all(script.begin(), script.end());
  const Names quick = expanded(named_grid("quick"));
  EXPECT_EQ(quick.size(), 48u);
  for (const std::string& name : quick) EXPECT_TRUE(all.contains(name)) << name;
}

TEST(NamedGrid, AllExpandAndCarryTheirName) {
  EXPECT_EQ(grid_names(), (Names{"script", "quick", "cpu"}));
  for (const std::string& name : grid_names()) {
    const Grid grid = named_grid(name);
    EXPECT_EQ(grid.name, name);
    EXPECT_EQ(grid.lengths, LengthsKind::script);
    EXPECT_TRUE(grid.lines.empty());
    EXPECT_FALSE(expand(grid).configs.empty());
  }
  EXPECT_EQ(named_grid("cpu").dtypes, (std::vector{Dtype::fp32}));
}

TEST(NamedGrid, RefusesOtherNames) {
  EXPECT_EQ(message_of<InputError>([] { return named_grid("scirpt"); }),
            "unknown grid 'scirpt' (allowed: script, quick, cpu), did you mean 'script'?");
  EXPECT_EQ(message_of<InputError>([] { return named_grid("everything"); }),
            "unknown grid 'everything' (allowed: script, quick, cpu)");
}

}  // namespace
}  // namespace mhabench
