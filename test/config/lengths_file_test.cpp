#include "mhabench/config/lengths_file.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <locale>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/config/grid.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/names.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

using Lengths = std::vector<std::int64_t>;
using namespace std::literals;

class LengthsFile : public testing::Test {
 protected:
  std::filesystem::path file(std::string_view content, std::string_view name = "served.txt") {
    const std::filesystem::path path = directory_ / name;
    test::write_text(path, content);
    return path;
  }

  std::vector<LengthsLine> read(std::string_view content) {
    return read_lengths_file(file(content));
  }

  test::TempDir directory_;
};

std::string error_of(const std::filesystem::path& file) {
  return test::message_of<InputError>([&] { return read_lengths_file(file); });
}

std::string dump_of(const std::vector<MhaConfig>& configs, std::uint64_t seed = 26214) {
  std::ostringstream out;
  write_lengths_dump(out, configs, seed);
  return out.str();
}

// --- What is read.

TEST_F(LengthsFile, PlainLinesAreBatches) {
  const std::vector<LengthsLine> expected{{"served", 3, {512, 37, 9}, std::nullopt},
                                          {"served", 4, {1}, std::nullopt},
                                          {"served", 7, {2147483647, 8}, std::nullopt}};
  EXPECT_EQ(read("# lengths of one day\n"
                 "\n"
                 "512 37\t 9\n"
                 " 1 # the last one of the day\n"
                 "   \t\n"
                 "  # 5 6\n"
                 "2147483647 8#9\n"),
            expected);
}

TEST_F(LengthsFile, DumpedLinesAreConfigurations) {
  const std::vector<LengthsLine> expected{
      {"served", 1, {4, 64, 2}, LengthsLine::Fixed{64, 512, 8, Decimal::parse("0.85")}},
      {"served", 2, {4, 5}, LengthsLine::Fixed{64, 96, 12, std::nullopt}},
      {"served", 3, {7}, std::nullopt}};
  EXPECT_EQ(read("3 64 512 8 0.85 : 4 64 2\n"
                 "2 64 96 12 -: 4 5 # below seq_len throughout\n"
                 "7\n"),
            expected);
}

TEST_F(LengthsFile, LineEndsAreOfEitherKindAndTheLastOneIsAtWill) {
  const std::vector<LengthsLine> expected{{"served", 1, {1, 2}, std::nullopt},
                                          {"served", 3, {3}, std::nullopt}};
  EXPECT_EQ(read("1 2\n\n3"), expected);
  EXPECT_EQ(read("1 2\r\n\r\n3\r\n"), expected);
  EXPECT_EQ(read("1 2 # a\r\n\r\n3\r"), expected);
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "1 2\n\n3\n"),
            expected);
}

TEST_F(LengthsFile, StemIsTheNameWithoutItsLastExtension) {
  const std::vector<std::pair<std::string, std::string>> stems{
      {"served.txt", "served"}, {"served", "served"},   {"a.b.txt", "a_b"},
      {".hidden", "_hidden"},   {"x-Y_9.log", "x-Y_9"}, {"a b.txt", "a_b"},
      {"d:1.txt", "d_1"},       {"\xC3\xA9.txt", "__"}, {"served.2024.", "served_2024"}};
  for (const auto& [name, stem] : stems) {
    EXPECT_EQ(read_lengths_file(file("1\n", name)).front().stem, stem) << name;
  }
}

TEST_F(LengthsFile, LimitsAreTheLastThatIsRead) {
  std::string widest;
  for (std::size_t i = 0; i < kMaxLengthsPerBatch; ++i) widest += "1 ";
  EXPECT_EQ(read(widest).front().lengths.size(), kMaxLengthsPerBatch);
  EXPECT_EQ(error_of(file(widest + "1")), "lengths file '" + file(widest + "1").string() +
                                              "', line 1: more than 1000000 lengths in one batch");

  std::string longest;
  for (std::size_t i = 0; i < kMaxLengthsFileBatches; ++i) longest += "1\n";
  EXPECT_EQ(read(longest).size(), kMaxLengthsFileBatches);
  EXPECT_EQ(error_of(file(longest + "1")),
            "lengths file '" + file(longest + "1").string() +
                "', line 100001: more than 100000 batches in one file");
}

TEST_F(LengthsFile, SixtyFourMebibytesAreRead) {
  std::string content(kMaxLengthsFileBytes, '#');
  content.back() = '\n';
  content.replace(content.size() - 5, 4, "\n1 2");
  EXPECT_EQ(read(content).front().lengths, (Lengths{1, 2}));
  content.insert(0, "#");
  const std::filesystem::path larger = file(content);
  EXPECT_EQ(error_of(larger), "lengths file '" + larger.string() + "': holds more than 64 MiB");
}

// --- What is refused.

struct Malformed {
  std::string content;
  std::string message;  // after "lengths file '<file>'"
};

TEST_F(LengthsFile, MalformedContentIsOneClearLine) {
  const std::string no_length = " is not an integer from 1 to 2147483647";
  const std::string no_batch =
      ": holds no batch (one a line: blank-separated lengths from 1 to 2147483647)";
  const std::string no_head =
      ": a ':' follows the five values 'batch seq_len embed_dim heads beta', but ";
  const std::vector<Malformed> cases{
      {"", no_batch},
      {"\n# 1 2\n \t \r\n", no_batch},
      {"1 2\n\n3 x 4\n", ", line 3: length 'x'" + no_length},
      {"0", ", line 1: length '0'" + no_length},
      {"4 -3", ", line 1: length '-3'" + no_length},
      {"4 +3", ", line 1: length '+3'" + no_length},
      {"1.5", ", line 1: length '1.5'" + no_length},
      {"1,2", ", line 1: length '1,2'" + no_length},
      {"1e3", ", line 1: length '1e3'" + no_length},
      {"2147483648", ", line 1: length '2147483648'" + no_length},
      {"99999999999999999999", ", line 1: length '99999999999999999999'" + no_length},
      {"16\r32\r", ", line 1: length '16?32'" + no_length},
      {std::string(100, '7'), ", line 1: length '" + std::string(40, '7') + "...'" + no_length},
      {"\x7F"
       "ELF\x02",
       ", line 1: length '?ELF?'" + no_length},
      {"1\n2 \0 3\n"s, ", line 2: holds a NUL byte, so this is not a text file"},
      {"1 # \0\n"s, ", line 1: holds a NUL byte, so this is not a text file"},
      {":", ", line 1" + no_head + "0 stand before it"},
      {"2 64 512 : 3 4", ", line 1" + no_head + "3 stand before it"},
      {"2 64 512 8 0.85 1 : 3 4", ", line 1" + no_head + "more stand before it"},
      {"0 64 512 8 0.85 : 3", ", line 1: batch '0'" + no_length},
      {"1 6x 512 8 0.85 : 3", ", line 1: seq_len '6x'" + no_length},
      {"1 64 - 8 0.85 : 3", ", line 1: embed_dim '-'" + no_length},
      {"1 64 512 2147483648 0.85 : 3", ", line 1: heads '2147483648'" + no_length},
      {"1 64 512 8 zero : 3",
       ", line 1: beta 'zero' is neither '-' nor a decimal number from 0.000001 to 1000000"},
      {"1 64 512 8 0 : 3",
       ", line 1: beta '0' is neither '-' nor a decimal number from 0.000001 to 1000000"},
      {"1 64 512 8 1000001 : 3",
       ", line 1: beta '1000001' is neither '-' nor a decimal number from 0.000001 to 1000000"},
      {"1 64 512 8 0.85 : 3 : 4", ", line 1: length ':'" + no_length},
      {"2 64 512 8 0.85 :", ", line 1: batch is 2, but 0 lengths follow the ':'"},
      {"5\n2 64 512 8 0.85 : 3 4 5", ", line 2: batch is 2, but 3 lengths follow the ':'"},
      {"2 64 512 8 0.85 : 3 65", ", line 1: length 65 is above seq_len 64"},
      {"2 64 512 12 0.85 : 3 4", ", line 1: embed_dim 512 is not a multiple of heads 12"},
  };
  for (const auto& [content, message] : cases) {
    const std::filesystem::path path = file(content);
    EXPECT_EQ(error_of(path), "lengths file '" + path.string() + "'" + message)
        << testing::PrintToString(content);
  }
}

TEST_F(LengthsFile, FilesThatCannotBeRead) {
  EXPECT_EQ(error_of(directory_ / "none.txt"),
            "lengths file '" + (directory_ / "none.txt").string() +
                "': cannot be opened: No such file or directory");
  EXPECT_EQ(error_of(directory_.path()),
            "lengths file '" + directory_.path().string() + "': is a directory");
  EXPECT_EQ(error_of("a\nb"), "lengths file 'a?b': cannot be opened: No such file or directory");
}

// Random bytes of the format's own alphabet, so that many lines are nearly right.
std::string nearly_right(std::mt19937& engine) {
  constexpr std::string_view kAlphabet = "0112489      :#-.x\n\n\r\t\0\x80"sv;
  static constexpr std::string_view kDumped = "2 64 512 8 0.85 : 3 4\n";
  std::string content = engine() % 2 == 0 ? std::string(kDumped) : "";
  for (std::size_t i = engine() % 30; i > 0; --i) content += kAlphabet[engine() % kAlphabet.size()];
  if (!content.empty()) content[engine() % content.size()] = kAlphabet[engine() % kAlphabet.size()];
  return content;
}

TEST_F(LengthsFile, AnyBytesAreReadOrRefusedInOneLine) {
  std::mt19937 engine(1);
  int refused = 0;
  constexpr int kFiles = 3000;
  for (int i = 0; i < kFiles; ++i) {
    const std::string content = nearly_right(engine);
    const std::filesystem::path path = file(content);
    try {
      for (const LengthsLine& batch : read_lengths_file(path)) {
        ASSERT_FALSE(batch.lengths.empty());
        ASSERT_GE(std::ranges::min(batch.lengths), 1);
      }
    } catch (const InputError& error) {
      ++refused;
      const std::string_view what = error.what();
      EXPECT_TRUE(std::ranges::all_of(what, [](char c) { return c >= ' ' && c <= '~'; })) << what;
    }
  }
  EXPECT_GT(refused, kFiles / 2);
  EXPECT_LT(refused, kFiles - kFiles / 20);
}

// --- The dump.

MhaConfig config_of(LengthsKind kind, std::int64_t batch, std::int64_t seq_len) {
  return {Dtype::fp16, batch, seq_len, 512, 8, {kind, std::nullopt, "", 0, {}}};
}

TEST(LengthsDump, IsALineAConfigurationInTheirOrder) {
  MhaConfig script = config_of(LengthsKind::script, 7, 4);
  script.lengths.beta = Decimal::parse("0.15");
  script.embed_dim = 1024;
  MhaConfig replayed = config_of(LengthsKind::replayed, 2, 2000);
  replayed.lengths.replayed = {3, 1999};
  EXPECT_EQ(dump_of({script, config_of(LengthsKind::full, 3, 9), replayed}, 26214),
            "7 4 1024 8 0.15 : 4 4 2 4 4 4 4\n"
            "3 9 512 8 - : 9 9 9\n"
            "2 2000 512 8 - : 3 1999\n");
}

TEST(LengthsDump, NumbersAreFreeOfTheStreamsLocale) {
  struct Grouping : std::numpunct<char> {
    char do_thousands_sep() const override { return ','; }
    std::string do_grouping() const override { return "\3"; }
  };
  std::ostringstream out;
  out.imbue(std::locale(out.getloc(), new Grouping));
  write_lengths_dump(out, {config_of(LengthsKind::full, 1, 4096)}, 1);
  EXPECT_EQ(out.str(), "1 4096 512 8 - : 4096\n");
}

TEST(LengthsDump, NothingIsWrittenWhereAConfigurationIsRefused) {
  const MhaConfig without_beta = config_of(LengthsKind::script, 2, 64);
  std::ostringstream out;
  EXPECT_THROW(write_lengths_dump(out, {config_of(LengthsKind::full, 2, 4), without_beta}, 1),
               InputError);
  EXPECT_EQ(out.str(), "");
}

// The grid `before` as its dump gives it back.
std::vector<MhaConfig> through_a_file(const std::vector<MhaConfig>& before, const Grid& grid,
                                      const std::filesystem::path& path) {
  test::write_text(path, dump_of(before));
  Grid replayed = grid;
  replayed.lines = read_lengths_file(path);
  return expand(replayed).configs;
}

Grid small_grid(LengthsKind kind) {
  Grid grid = named_grid("quick");
  grid.lengths = kind;
  grid.dtypes = {Dtype::fp16, Dtype::fp32};
  return grid;
}

class LengthsRoundTrip : public LengthsFile, public testing::WithParamInterface<LengthsKind> {};

TEST_P(LengthsRoundTrip, AxesAndLengthsComeBack) {
  const Grid grid = small_grid(GetParam());
  const std::vector<MhaConfig> before = expand(grid).configs;
  const std::vector<MhaConfig> after = through_a_file(before, grid, directory_ / "dump.txt");
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(make_lengths(after[i], 1), make_lengths(before[i], 26214)) << i;
    MhaConfig drawn = after[i];
    drawn.lengths = before[i].lengths;
    EXPECT_EQ(drawn, before[i]) << i;
    EXPECT_EQ(after[i].lengths.beta, before[i].lengths.beta) << i;
  }
}

TEST_P(LengthsRoundTrip, TheNextDumpIsTheSameText) {
  const Grid grid = small_grid(GetParam());
  const std::vector<MhaConfig> before = expand(grid).configs;
  const std::vector<MhaConfig> after = through_a_file(before, grid, directory_ / "dump.txt");
  const std::string dump = dump_of(before);
  EXPECT_EQ(dump_of(after, 1), dump);
  // Two dtypes share a line.
  EXPECT_EQ(std::ranges::count(dump, '\n'), std::ssize(before) / 2);
}

INSTANTIATE_TEST_SUITE_P(Kinds, LengthsRoundTrip,
                         testing::Values(LengthsKind::script, LengthsKind::beta, LengthsKind::full,
                                         LengthsKind::uniform),
                         [](const auto& kind) { return std::string(name_of(kind.param)); });

TEST_F(LengthsFile, AReplayedBatchIsDumpedAtEveryWidth) {
  Grid grid = small_grid(LengthsKind::beta);
  grid.dtypes = {Dtype::fp16};
  grid.lines = read("5 9\n");
  EXPECT_EQ(dump_of(expand(grid).configs),
            "2 9 512 8 - : 5 9\n"
            "2 9 512 16 - : 5 9\n"
            "2 9 1024 8 - : 5 9\n"
            "2 9 1024 16 - : 5 9\n");
}

TEST(LengthsDump, OfTheGoldensIsTheirText) {
  const std::filesystem::path path = MHABENCH_TEST_DATA_DIR "/config/numpy_lengths.golden";
  std::vector<MhaConfig> configs;
  for (const LengthsLine& line : read_lengths_file(path)) {
    MhaConfig config =
        config_of(LengthsKind::script, std::ssize(line.lengths), line.fixed->seq_len);
    config.lengths.beta = line.fixed->beta;
    configs.push_back(config);
  }
  const std::string text = test::read_text(path);
  ASSERT_TRUE(text.starts_with('#')) << text.substr(0, 80);
  EXPECT_EQ(dump_of(configs), text.substr(text.find('\n') + 1));
}

}  // namespace
}  // namespace mhabench
