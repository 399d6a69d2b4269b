#include "mhabench/measure/second_batch.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "mhabench/config/lengths.h"
#include "support/rows.h"

namespace mhabench {
namespace {

constexpr std::uint64_t kSeed = 7;

std::int64_t sum(const std::vector<std::int64_t>& lengths) {
  return std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
}

TEST(SecondLengths, AreAnotherDrawThatFits) {
  const MhaConfig config = test::beta_config("0.85");
  const auto first = make_lengths(config, kSeed);
  const auto second = second_lengths(config, kSeed, sum(first) + 64);
  EXPECT_NE(second, first);
  EXPECT_LE(sum(second), sum(first) + 64);
  EXPECT_EQ(second.size(), first.size());
  EXPECT_EQ(std::ranges::max(second), config.seq_len);
}

TEST(SecondLengths, AreTheFirstFromLastToFirstWhereNoDrawFits) {
  const MhaConfig config = test::beta_config("0.85");
  auto first = make_lengths(config, kSeed);
  const auto second = second_lengths(config, kSeed, 1);
  std::ranges::reverse(first);
  EXPECT_EQ(second, first);
}

TEST(SecondLengths, AreTheFirstFromLastToFirstWhereThereIsOneBatchAlone) {
  LengthsSource source{LengthsKind::replayed, std::nullopt, "served", 1, {4, 9, 2}};
  MhaConfig config{Dtype::fp32, 3, 9, 16, 2, source};
  EXPECT_EQ(second_lengths(config, kSeed, 15), (std::vector<std::int64_t>{2, 9, 4}));
}

}  // namespace
}  // namespace mhabench
