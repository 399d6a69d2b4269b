#include "bench/cli/grid_choice.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bench/cli/flags.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/config/names.h"
#include "support/environment.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench::bench {
namespace {

using test::message_of;
using test::TempDir;
using test::write_text;
using Arguments = std::vector<std::string>;
using Names = std::vector<std::string>;

class GridChoiceTest : public ::testing::Test {
 protected:
  static Options parse(const Arguments& arguments) {
    return parse_flags(arguments, {{"slow", "fast"}, ""});
  }
  static Expansion expand_as(const Options& options, std::string_view default_name) {
    return expansion_of(grid_of(options, default_name), options.seed);
  }
  static std::string grid_error_of(const Arguments& arguments) {
    return message_of<InputError>([&] { expand_as(parse(arguments), "quick"); });
  }

  test::BenchmarkVariables variables_;
};

TEST_F(GridChoiceTest, ReplaceTheAxesOfTheGrid) {
  const Grid quick = named_grid("quick");
  const Grid grid = grid_of(parse({"--heads=4", "--beta=1", "--lengths=numpy"}), "quick");
  EXPECT_EQ(grid.name, "quick");
  EXPECT_EQ(grid.dtypes, quick.dtypes);
  EXPECT_EQ(grid.batches, quick.batches);
  EXPECT_EQ(grid.seq_lens, quick.seq_lens);
  EXPECT_EQ(grid.embed_dims, quick.embed_dims);
  EXPECT_EQ(grid.heads, (std::vector<std::int64_t>{4}));
  EXPECT_EQ(grid.betas, parse_decimals("1"));
  EXPECT_EQ(grid.lengths, LengthsKind::script);
  EXPECT_TRUE(grid.lines.empty());
}

TEST_F(GridChoiceTest, PreferTheGridGivenToTheDefault) {
  EXPECT_EQ(grid_of(parse({"--grid=cpu"}), "script").name, "cpu");
  EXPECT_EQ(grid_of(parse({}), "script").name, "script");
}

TEST_F(GridChoiceTest, ExpandToTheConfigurations) {
  const Expansion expansion = expand_as(
      parse({"--batch=2", "--seq_len=16", "--embed_dim=64,96", "--heads=12,8", "--beta=0.85"}),
      "cpu");
  std::vector<std::string> names;
  for (const MhaConfig& config : expansion.configs) names.push_back(config_name(config));
  EXPECT_EQ(names, (Names{"fp32/batch:2/seq_len:16/embed_dim:64/heads:8/beta:0.85",
                          "fp32/batch:2/seq_len:16/embed_dim:96/heads:12/beta:0.85",
                          "fp32/batch:2/seq_len:16/embed_dim:96/heads:8/beta:0.85"}));
  EXPECT_EQ(expansion.dropped, (Names{"64/12"}));
}

TEST_F(GridChoiceTest, RefuseGridsThatCannotRun) {
  EXPECT_EQ(grid_error_of({"--heads=7"}),
            "no configuration is left: heads must divide embed_dim (embed_dim/heads given: 512/7, "
            "1024/7)");
  EXPECT_EQ(
      grid_error_of({"--seed=4294967296"}),
      "seed: 4294967296 is above 4294967295, NumPy's largest, and --lengths=script draws with "
      "NumPy");
  EXPECT_EQ(grid_error_of({"--seed=4294967296", "--lengths=beta"}), "");
  EXPECT_EQ(grid_error_of({"--batch=1:50000:1", "--seq_len=1:50000:1"}),
            "the axes give more than 1000000 configurations: shorten their lists");
}

class LengthsFileFlag : public GridChoiceTest {
 protected:
  Expansion expansion_with(const std::string& text, Arguments arguments) const {
    write_text(dir_ / "served.txt", text);
    arguments.push_back("--lengths_file=" + file());
    return expand_as(parse(arguments), "script");
  }
  std::string file() const { return (dir_ / "served.txt").string(); }

  TempDir dir_;
};

TEST_F(LengthsFileFlag, TakesBatchesFromPlainLinesAndWidthsFromTheAxes) {
  const Expansion expansion = expansion_with("3 5\n7\n", {"--embed_dim=768", "--heads=12"});
  std::vector<std::string> names;
  for (const MhaConfig& config : expansion.configs) names.push_back(config_name(config));
  EXPECT_EQ(names, (Names{"fp16/batch:2/seq_len:5/embed_dim:768/heads:12/lengths:served.1",
                          "fp16/batch:1/seq_len:7/embed_dim:768/heads:12/lengths:served.2"}));
}

TEST_F(LengthsFileFlag, TakesDumpedLinesAsTheyAre) {
  const Expansion expansion = expansion_with("2 8 64 4 0.85 : 3 8\n", {"--dtype=fp32"});
  ASSERT_EQ(expansion.configs.size(), 1u);
  EXPECT_EQ(config_name(expansion.configs.front()),
            "fp32/batch:2/seq_len:8/embed_dim:64/heads:4/lengths:served.1");
}

TEST_F(LengthsFileFlag, ExcludesWidthsWhereEveryLineHasItsOwn) {
  const std::string dumped = "2 8 64 4 0.85 : 3 8\n";
  const auto message = [&](const std::string& text, const std::string& flag) {
    return message_of<InputError>([&] { expansion_with(text, {flag}); });
  };
  EXPECT_EQ(message(dumped, "--embed_dim=64"),
            "--embed_dim and --lengths_file exclude each other: each line of '" + file() +
                "' holds its own");
  EXPECT_EQ(
      message(dumped, "--heads=4"),
      "--heads and --lengths_file exclude each other: each line of '" + file() + "' holds its own");
  EXPECT_EQ(message(dumped + "3 5\n", "--heads=4"), "");
}

TEST_F(LengthsFileFlag, SaysWhatIsWrongWithTheFile) {
  EXPECT_EQ(
      message_of<InputError>([&] { expansion_with("3 5\n3 x\n", {}); }),
      "lengths file '" + file() + "', line 2: length 'x' is not an integer from 1 to 2147483647");
  EXPECT_EQ(grid_error_of({"--lengths_file=" + (dir_ / "none").string()}),
            "lengths file '" + (dir_ / "none").string() +
                "': cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace mhabench::bench
