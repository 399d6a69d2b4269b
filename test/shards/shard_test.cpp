#include "mhabench/shards/shard.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/config/grid.h"
#include "support/errors.h"
#include "support/rows.h"

namespace mhabench {
namespace {

using Costs = std::vector<std::uint64_t>;
using test::beta_config;
using test::config_with;
using test::message_of;

MhaConfig shape(std::int64_t batch, std::int64_t seq_len) {
  MhaConfig config = beta_config();
  config.batch = batch;
  config.seq_len = seq_len;
  return config;
}

Costs loads_of(const Costs& costs, const std::vector<int>& shares, int count) {
  Costs loads(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < costs.size(); ++i) {
    loads[static_cast<std::size_t>(shares[i])] += costs[i];
  }
  return loads;
}

TEST(Shard, ReadsAnIndexFromOneAndANumber) {
  EXPECT_EQ(parse_shard("2/8"), (Shard{2, 8}));
  EXPECT_EQ(parse_shard("1/1"), (Shard{1, 1}));
  EXPECT_EQ(parse_shard("100000/100000"), (Shard{100'000, 100'000}));
  EXPECT_EQ(text_of(Shard{2, 8}), "2/8");
}

TEST(Shard, RefusesWhatIsNoShare) {
  for (const char* const text : {"", "2", "/", "0/8", "9/8", "2/0", "-1/8", "+1/8", "1/8/2", "1/ 8",
                                 "1/100001", "a/b", "1/99999999999999999999", "1.0/2", "0x1/2"}) {
    EXPECT_EQ(message_of<InputError>([&] { return parse_shard(text); }),
              "'" + std::string(text) +
                  "' is no share I/N (1 <= I <= N <= 100000, such as 2/8 for the second of eight)");
  }
}

constexpr bool kPadded = true;
constexpr bool kTokensAlone = false;

TEST(PredictedCost, GrowsWithTheFlopsThatThePathExecutes) {
  const MhaConfig large = shape(256, 512);
  for (const bool on_gpu : {false, true}) {
    EXPECT_GT(predicted_cost(large, kPadded, on_gpu), predicted_cost(large, kTokensAlone, on_gpu));
    EXPECT_GT(predicted_cost(large, kPadded, on_gpu),
              predicted_cost(shape(16, 64), kPadded, on_gpu));
  }
}

// 8 N E^2 + 4 E B S^2 for B 16, S 64, E 512 is 2281701376.
TEST(PredictedCost, IsThePaddedFlopsAndAConstantInMillions) {
  EXPECT_EQ(predicted_cost(shape(16, 64), kPadded, true), 450'000 + 2'282);
  EXPECT_EQ(predicted_cost(shape(16, 64), kPadded, false), 6'000 + 2'282);
}

TEST(PredictedCost, KnowsEachSourceOfLengths) {
  const auto cost = [](const LengthsSource& lengths) {
    MhaConfig config = config_with(lengths);
    config.batch = 256;
    config.seq_len = 512;
    return predicted_cost(config, kTokensAlone, true);
  };
  const auto full = cost({LengthsKind::full, std::nullopt, "", 0, {}});
  const auto uniform = cost({LengthsKind::uniform, std::nullopt, "", 0, {}});
  const auto short_ones = cost({LengthsKind::beta, Decimal::parse("3"), "", 0, {}});
  EXPECT_GT(full, uniform);
  EXPECT_GT(uniform, short_ones);
  EXPECT_EQ(short_ones, cost({LengthsKind::script, Decimal::parse("3"), "", 0, {}}));
  const std::vector<std::int64_t> all_full(256, 512);
  EXPECT_EQ(cost({LengthsKind::replayed, std::nullopt, "x", 1, all_full}), full);
}

TEST(PredictedCost, TheLargestConfigurationOverflowsNothing) {
  MhaConfig config = shape(2147483647, 2147483647);
  config.embed_dim = 2147483647;
  EXPECT_EQ(predicted_cost(config, kPadded, true), 100'000'000'000U);
}

TEST(BalancedShares, TheDearestGoFirstToTheLeastLoaded) {
  EXPECT_EQ(balanced_shares({3, 7, 5, 2}, 2), (std::vector<int>{1, 0, 1, 0}));
}

TEST(BalancedShares, TiesGoByOrder) {
  EXPECT_EQ(balanced_shares({4, 4, 4, 4}, 3), (std::vector<int>{0, 1, 2, 0}));
}

TEST(BalancedShares, MoreSharesThanGroupsLeaveSomeEmpty) {
  EXPECT_EQ(balanced_shares({1, 2}, 5), (std::vector<int>{1, 0}));
  EXPECT_EQ(balanced_shares({}, 3), std::vector<int>{});
}

TEST(BalancedShares, TheScriptsGridSplitsEvenly) {
  Costs costs;
  for (const MhaConfig& config : expand(named_grid("script")).configs) {
    costs.push_back(predicted_cost(config, kPadded, true) +
                    predicted_cost(config, kTokensAlone, true));
  }
  for (const int count : {2, 3, 8, 64}) {
    const Costs loads = loads_of(costs, balanced_shares(costs, count), count);
    const auto [least, most] = std::ranges::minmax(loads);
    EXPECT_LT(static_cast<double>(most), 1.05 * static_cast<double>(least)) << count;
  }
}

// A heavy tail: the k-th costs 1/k of the first. No split can be better than its dearest group or
// the mean; Graham's bound is 4/3 of the best.
TEST(BalancedShares, AHeavyTailStaysWithinTheBound) {
  Costs costs;
  for (std::uint64_t k = 1; k <= 5000; ++k) costs.push_back(1'000'000'000 / k);
  std::ranges::reverse(costs);  // the dearest last, which dealing in order would handle worst
  const std::uint64_t sum = std::accumulate(costs.begin(), costs.end(), std::uint64_t{0});
  for (const int count : {2, 5, 9, 40}) {
    const Costs loads = loads_of(costs, balanced_shares(costs, count), count);
    const double best = std::max(1e9, static_cast<double>(sum) / count);
    EXPECT_LE(static_cast<double>(std::ranges::max(loads)), best * 4 / 3) << count;
  }
}

TEST(Indices, AreWrittenAsRangesAndReadBack) {
  const std::vector<std::pair<std::vector<std::size_t>, std::string>> cases{
      {{}, ""}, {{0}, "0"}, {{0, 1, 2, 7}, "0-2,7"}, {{3, 5, 6}, "3,5-6"}};
  for (const auto& [indices, text] : cases) {
    EXPECT_EQ(text_of_indices(indices), text);
    EXPECT_EQ(parse_indices(text, 8), indices);
  }
}

TEST(Indices, RefusesWhatIsMalformedOrOutOfRange) {
  for (const char* const text :
       {",", "1,", "a", "-1", "1-", "8", "0-8", "1-x", " 1", "1,,2", "99999999999999999999999"}) {
    EXPECT_NE(message_of<InputError>([&] { return parse_indices(text, 8); }).find("below 8"),
              std::string::npos)
        << text;
  }
  for (const char* const text : {"2-1", "1,1", "3,2", "0-4,4"}) {
    EXPECT_NE(message_of<InputError>([&] { return parse_indices(text, 8); }).find("not ascend"),
              std::string::npos)
        << text;
  }
}

}  // namespace
}  // namespace mhabench
