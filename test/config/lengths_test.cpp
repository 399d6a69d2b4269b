#include "mhabench/config/lengths.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/config/grid.h"
#include "mhabench/config/lengths_file.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using Lengths = std::vector<std::int64_t>;

MhaConfig config_of(LengthsKind kind, std::int64_t batch, std::int64_t seq_len,
                    const char* beta = nullptr) {
  MhaConfig config{Dtype::fp16, batch, seq_len, 512, 8, {}};
  config.lengths.kind = kind;
  if (beta != nullptr) config.lengths.beta = Decimal::parse(beta);
  return config;
}

Lengths beta_lengths(std::int64_t batch, std::int64_t seq_len, const char* beta,
                     std::uint64_t seed = 1) {
  return make_lengths(config_of(LengthsKind::beta, batch, seq_len, beta), seed);
}

// What make_lengths says, and check_lengths before it.
std::string error_of(const MhaConfig& config) {
  std::string message = test::message_of<InputError>([&] { return make_lengths(config, 1); });
  EXPECT_EQ(test::message_of<InputError>([&] { check_lengths(config, 1); }), message);
  return message;
}

// --- The script's own lengths.

std::vector<LengthsLine> goldens() {
  return read_lengths_file(MHABENCH_TEST_DATA_DIR "/config/numpy_lengths.golden");
}

MhaConfig config_of(const LengthsLine& golden) {
  MhaConfig config =
      config_of(LengthsKind::script, std::ssize(golden.lengths), golden.fixed->seq_len);
  config.lengths.beta = golden.fixed->beta;
  return config;
}

constexpr std::uint64_t kScriptSeed = 26214;

TEST(ScriptLengths, AreTheScriptsByItsSeed) {
  for (const LengthsLine& golden : goldens()) {
    const MhaConfig config = config_of(golden);
    EXPECT_EQ(make_lengths(config, kScriptSeed), golden.lengths) << "line " << golden.line;
  }
}

TEST(ScriptLengths, FollowTheSeed) {
  const MhaConfig config = config_of(LengthsKind::script, 16, 64, "0.85");
  EXPECT_NE(make_lengths(config, kScriptSeed), make_lengths(config, kScriptSeed + 1));
}

// Johnk's method gives 1 where a power of it vanishes beside the other, and the script overruns 63.
TEST(ScriptLengths, AreClampedToAnOddSeqLen) {
  const Lengths lengths =
      make_lengths(config_of(LengthsKind::script, 256, 63, "0.05"), kScriptSeed);
  EXPECT_EQ(std::ranges::max(lengths), 63);
  EXPECT_GT(std::ranges::count(lengths, 63), 2);
  EXPECT_EQ(make_lengths(config_of(LengthsKind::script, 3, 1, "0.85"), 0), (Lengths{1, 1, 1}));
}

TEST(ScriptLengths, GoldensReachOverTheWholeScriptGrid) {
  std::set<std::int64_t> batches;
  std::set<std::pair<std::int64_t, Decimal>> seq_lens_and_betas;
  const std::vector<LengthsLine> lines = goldens();
  for (const LengthsLine& golden : lines) {
    batches.insert(std::ssize(golden.lengths));
    seq_lens_and_betas.insert({golden.fixed->seq_len, golden.fixed->beta.value()});
  }
  EXPECT_GE(lines.size(), 64U);
  const Grid script = named_grid("script");
  for (const std::int64_t batch : script.batches) EXPECT_TRUE(batches.contains(batch)) << batch;
  for (const std::int64_t seq_len : script.seq_lens) {
    for (const Decimal beta : script.betas) {
      EXPECT_TRUE(seq_lens_and_betas.contains({seq_len, beta})) << seq_len << ' ' << beta.str();
    }
  }
}

// At a seq_len this long every bit of X shows in the lengths, and so does whether beta is the
// script's 17 * 0.05 or the decimal's 0.85. Goldens: script_lengths(6, 2**52, beta) of
// make_goldens.py for beta 17 * 0.05 and for 0.85.
TEST(ScriptLengths, BetaIsTheScriptsDouble) {
  constexpr std::int64_t kLong = std::int64_t{1} << 52;
  const Lengths expected{4503599627370496, 48710630459064,   3413723910920198,
                         2829247252899836, 4304150511260466, 2597154761399642};
  const Lengths of_the_decimal{4503599627370496, 48710630459064,   3413723910920200,
                               2829247252899836, 4304150511260466, 2597154761399642};
  ASSERT_NE(expected, of_the_decimal);
  EXPECT_EQ(make_lengths(config_of(LengthsKind::script, 6, kLong, "0.85"), kScriptSeed), expected);
}

TEST(ScriptLengths, OtherBetasAreTheNearestDouble) {
  constexpr std::int64_t kLong = std::int64_t{1} << 52;
  const Lengths expected{4503599627370496, 3982323831068056, 206021729341172,
                         4408470069375554, 4172322813741270, 4500391810108790};
  EXPECT_EQ(make_lengths(config_of(LengthsKind::script, 6, kLong, "0.37"), kScriptSeed), expected);
}

// --- Drawn from Boost.Math's quantile.

TEST(BetaLengths, SameSeedSameLengths) {
  EXPECT_EQ(beta_lengths(16, 64, "0.85", 26214),
            (Lengths{26, 64, 12, 38, 34, 24, 40, 28, 54, 2, 34, 50, 28, 6, 62, 38}));
  EXPECT_EQ(beta_lengths(16, 64, "0.05", 26214),
            (Lengths{64, 64, 62, 64, 64, 64, 64, 64, 64, 42, 64, 64, 64, 54, 64, 64}));
  EXPECT_EQ(beta_lengths(12, 511, "3.05", 7),
            (Lengths{188, 318, 20, 511, 24, 8, 226, 270, 46, 172, 188, 130}));
}

TEST(BetaLengths, DependOnSeedBatchSeqLenAndBetaAlone) {
  const MhaConfig config = config_of(LengthsKind::beta, 64, 512, "0.85");
  MhaConfig wider = config;
  wider.embed_dim = 1024;
  wider.heads = 16;
  wider.dtype = Dtype::fp32;
  EXPECT_EQ(make_lengths(wider, 1), make_lengths(config, 1));
  EXPECT_NE(make_lengths(config, 2), make_lengths(config, 1));
  EXPECT_NE(beta_lengths(64, 512, "1.05"), make_lengths(config, 1));
}

TEST(BetaLengths, XIsTheQuantileOfA53BitUniform) {
  constexpr std::int64_t kLong = std::int64_t{1} << 40;
  for (const char* const beta : {"0.000001", "0.05", "0.5", "0.85", "1", "3.05", "1000000"}) {
    const Lengths lengths = beta_lengths(2000, kLong, beta);
    const double b = Decimal::parse(beta).value();
    std::mt19937_64 engine(1);
    int apart = 0;
    for (const std::int64_t length : lengths) {
      const double u = static_cast<double>(engine() >> 11) * 0x1p-53;
      const double x = -std::expm1(std::log1p(-u) / b);
      const double drawn = static_cast<double>(length) / static_cast<double>(kLong + 1);
      apart += std::abs(drawn - x) > 4e-12 ? 1 : 0;
    }
    EXPECT_LE(apart, 1) << "beta " << beta;  // the one that seq_len has replaced
  }
}

TEST(BetaLengths, StayInRangeAtEveryBeta) {
  for (const char* const beta :
       {"0.000001", "0.00001", "0.0001", "0.001", "0.01", "0.1", "0.499999999", "0.5",
        "0.500000001", "0.999999999", "1", "1.000000001", "2", "10", "1000", "1000000"}) {
    for (const std::int64_t seq_len : {1, 2, 3, 4, 63, 64, 512}) {
      const Lengths lengths = beta_lengths(300, seq_len, beta);
      const auto [shortest, longest] = std::ranges::minmax(lengths);
      EXPECT_GE(shortest, std::min<std::int64_t>(2, seq_len)) << beta << ' ' << seq_len;
      EXPECT_EQ(longest, seq_len) << beta;
      const auto odd = std::ranges::count_if(lengths, [](auto length) { return length % 2 != 0; });
      EXPECT_EQ(odd, seq_len == 1 ? 300 : seq_len % 2) << beta << ' ' << seq_len;
    }
  }
}

TEST(BetaLengths, ABatchOfOneIsFull) { EXPECT_EQ(beta_lengths(1, 64, "3.05"), (Lengths{64})); }

// --- Distributions.

using Cells = std::map<std::int64_t, double>;

// The probability of a chi-square at least this far off, for `lengths` against the cells'
// probabilities; neighbouring cells count as one until it is expected five times or more. A length
// that no cell allows is impossible.
double p_value(const Cells& cells, const Lengths& lengths) {
  std::map<std::int64_t, double> counts;
  for (const std::int64_t length : lengths) {
    if (!cells.contains(length)) return 0;
    ++counts[length];
  }
  const auto total = static_cast<double>(lengths.size());
  std::vector<std::pair<double, double>> merged{{0, 0}};  // expected, observed
  double left = total;
  for (const auto& [length, probability] : cells) {
    if (merged.back().first >= 5 && left >= 5) merged.emplace_back(0, 0);
    merged.back().first += probability * total;
    merged.back().second += counts[length];
    left -= probability * total;
  }
  double chi_square = 0;
  for (const auto& [expected, observed] : merged) {
    chi_square += (observed - expected) * (observed - expected) / expected;
  }
  const boost::math::chi_squared distribution(static_cast<double>(merged.size() - 1));
  return boost::math::cdf(boost::math::complement(distribution, chi_square));
}

// Lengths out of one huge batch, less the one sequence that was given seq_len: which of the seq_len
// it was does not matter to a count.
Lengths drawn(const MhaConfig& config) {
  Lengths lengths = make_lengths(config, 20240517);
  lengths.erase(std::ranges::find(lengths, config.seq_len));
  return lengths;
}

// Length 2n holds X from 2n to 2n + 2 over seq_len + 1; what is below 2 counts as 2, and the last
// cell ends at 1.
Cells beta_cells(double b, std::int64_t seq_len) {
  const boost::math::beta_distribution<double> distribution(1.0, b);
  const auto above = [&](std::int64_t tokens) {
    const double x = static_cast<double>(tokens) / static_cast<double>(seq_len + 1);
    return x >= 1 ? 0.0 : boost::math::cdf(boost::math::complement(distribution, x));
  };
  Cells cells;
  for (std::int64_t length = 2; length <= seq_len; length += 2) {
    cells[length] = above(length == 2 ? 0 : length) - above(length + 2);
  }
  return cells;
}

struct Shape {
  const char* beta;
  std::int64_t seq_len;

  std::string name() const {
    std::string text = std::string("beta_") + beta + "_of_" + std::to_string(seq_len);
    std::ranges::replace(text, '.', '_');
    return text;
  }
  friend void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name(); }
};

class BetaDistribution : public testing::TestWithParam<Shape> {
 protected:
  static constexpr std::int64_t kDraws = 100'000;

  Lengths lengths() const {
    return drawn(config_of(LengthsKind::beta, kDraws + 1, GetParam().seq_len, GetParam().beta));
  }
  double b() const { return Decimal::parse(GetParam().beta).value(); }
};

TEST_P(BetaDistribution, FitsTheCellsOfLengths) {
  const Lengths sample = lengths();
  ASSERT_EQ(std::ssize(sample), kDraws);
  EXPECT_GT(p_value(beta_cells(b(), GetParam().seq_len), sample), 1e-3);
}

TEST_P(BetaDistribution, AnotherBetaDoesNotFit) {
  const Lengths sample = lengths();
  EXPECT_LT(p_value(beta_cells(b() * 1.12, GetParam().seq_len), sample), 1e-6);
  EXPECT_LT(p_value(beta_cells(b() / 1.12, GetParam().seq_len), sample), 1e-6);
}

// Odd lengths: at beta 0.05 X rounds to 1 in 15 % of draws, which belong to seq_len - 1.
INSTANTIATE_TEST_SUITE_P(Betas, BetaDistribution,
                         testing::Values(Shape{"0.05", 64}, Shape{"0.05", 63}, Shape{"0.05", 512},
                                         Shape{"0.5", 128}, Shape{"0.85", 64}, Shape{"1", 255},
                                         Shape{"3.05", 64}, Shape{"3.05", 512}, Shape{"20", 512}),
                         [](const auto& shape) { return shape.param.name(); });

Cells equal_cells(std::int64_t count) {
  Cells cells;
  for (std::int64_t i = 1; i <= count; ++i) cells[i] = 1.0 / static_cast<double>(count);
  return cells;
}

TEST(UniformLengths, EveryLengthIsAsLikely) {
  const Lengths sample = drawn(config_of(LengthsKind::uniform, 100'001, 100));
  ASSERT_EQ(sample.size(), 100'000U);
  EXPECT_GT(p_value(equal_cells(100), sample), 1e-3);
  EXPECT_LT(p_value(equal_cells(101), sample), 1e-6);
}

TEST(UniformLengths, SameSeedSameLengths) {
  const MhaConfig config = config_of(LengthsKind::uniform, 12, 100);
  EXPECT_EQ(make_lengths(config, 26214), (Lengths{42, 100, 42, 69, 87, 93, 80, 9, 65, 26, 49, 75}));
  EXPECT_NE(make_lengths(config, 26215), make_lengths(config, 26214));
}

// At beta 1000000 every length is 2, and the one of seq_len stands out.
TEST(BetaLengths, EachSequenceIsAsLikelyToGetSeqLen) {
  Lengths places;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Lengths lengths = beta_lengths(10, 64, "1000000", seed);
    ASSERT_EQ(std::ranges::count(lengths, 64), 1) << "seed " << seed;
    places.push_back(1 + (std::ranges::find(lengths, 64) - lengths.begin()));
  }
  EXPECT_GT(p_value(equal_cells(10), places), 1e-3);
  EXPECT_LT(p_value(equal_cells(11), places), 1e-6);
}

// --- Other sources.

TEST(FullLengths, AreAllSeqLen) {
  EXPECT_EQ(make_lengths(config_of(LengthsKind::full, 3, 17), 1), (Lengths{17, 17, 17}));
}

TEST(ReplayedLengths, AreWhatTheConfigurationCarries) {
  MhaConfig config = config_of(LengthsKind::replayed, 3, 64);
  config.lengths.replayed = {5, 1, 64};
  EXPECT_EQ(make_lengths(config, 1), (Lengths{5, 1, 64}));
  config.lengths.replayed = {5, 1, 60};  // seq_len need not be reached
  EXPECT_EQ(make_lengths(config, 1), (Lengths{5, 1, 60}));
}

// --- Errors.

TEST(LengthsErrors, NameTheAxis) {
  EXPECT_EQ(error_of(config_of(LengthsKind::full, 0, 64)), "batch: 0 is not a positive integer");
  EXPECT_EQ(error_of(config_of(LengthsKind::uniform, 4, -1)),
            "seq_len: -1 is not a positive integer");
  EXPECT_EQ(error_of(config_of(LengthsKind::beta, 4, 64)),
            "beta: this source of lengths needs one");
  EXPECT_EQ(error_of(config_of(LengthsKind::beta, 4, 64, "0")),
            "beta: 0 is outside 0.000001 to 1000000");
  EXPECT_EQ(error_of(config_of(LengthsKind::beta, 4, 64, "0.000000999")),
            "beta: 0.000000999 is outside 0.000001 to 1000000");
  EXPECT_EQ(error_of(config_of(LengthsKind::script, 4, 64, "1000000.1")),
            "beta: 1000000.1 is outside 0.000001 to 1000000");
  EXPECT_EQ(
      test::message_of<InputError>(
          [] { return make_lengths(config_of(LengthsKind::script, 4, 64, "0.85"), 1ULL << 32); }),
      "seed: 4294967296 is above 4294967295, NumPy's largest, and --lengths=script draws with "
      "NumPy");
}

TEST(LengthsErrors, ReplayedMustFitTheBatch) {
  MhaConfig config = config_of(LengthsKind::replayed, 2, 64);
  EXPECT_EQ(error_of(config), "lengths: 0 given for batch 2");
  config.lengths.replayed = {1, 65};
  EXPECT_EQ(error_of(config), "lengths: 65 is outside 1 to seq_len 64");
  config.lengths.replayed = {0, 65};
  EXPECT_EQ(error_of(config), "lengths: 0 is outside 1 to seq_len 64");
}

// --- What follows from lengths.

TEST(LengthStats, OfARaggedBatch) {
  const Lengths lengths{1, 2, 5};
  EXPECT_EQ(stats_of(lengths, 5), (LengthStats{8, 30, 7.0 / 15.0}));
}

TEST(LengthStats, OfAFullBatchHaveNoPadding) {
  const Lengths lengths{7, 7, 7};
  EXPECT_EQ(stats_of(lengths, 7), (LengthStats{21, 147, 0}));
}

TEST(LengthStats, DoNotOverflow) {
  const Lengths lengths(4, 2147483647);
  const LengthStats stats = stats_of(lengths, 2147483647);
  EXPECT_EQ(stats.tokens, 8589934588);
  EXPECT_DOUBLE_EQ(stats.sum_len_sq, 4 * 2147483647.0 * 2147483647.0);
}

}  // namespace
}  // namespace mhabench
