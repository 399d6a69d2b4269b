#include "mhabench/inputs/cache.h"

#include <gtest/gtest.h>

#include "mhabench/config/lengths.h"
#include "support/batches.h"

namespace mhabench::test {
namespace {

constexpr std::size_t kLarge = std::size_t{1} << 30;

MhaConfig config(std::int64_t embed_dim, std::int64_t heads, const char* beta) {
  return {Dtype::fp32, 4,     32,
          embed_dim,   heads, {LengthsKind::beta, Decimal::parse(beta), {}, 0, {}}};
}

TEST(InputCache, SharesABatchBetweenHeadsAndNotBetweenLengths) {
  InputCache cache(at::kCPU, 1, kLarge);
  const auto inputs = cache.inputs(config(64, 4, "0.85"));
  EXPECT_EQ(cache.inputs(config(64, 8, "0.85")), inputs);
  EXPECT_NE(cache.inputs(config(64, 4, "2.05")), inputs);
  EXPECT_NE(cache.inputs(config(128, 4, "0.85")), inputs);
  EXPECT_EQ(cache.inputs(config(64, 2, "0.85")), inputs);
}

TEST(InputCache, LengthsAreThoseOfWhatIsAskedForWhateverWasAskedBefore) {
  InputCache cache(at::kCPU, 1, kLarge);
  for (const char* beta : {"0.85", "2.05", "2.05", "0.85"}) {
    EXPECT_EQ(cache.lengths(config(64, 4, beta)), make_lengths(config(64, 4, beta), 1));
  }
  EXPECT_EQ(cache.inputs(config(64, 4, "2.05"))->lengths, make_lengths(config(64, 4, "2.05"), 1));
}

TEST(InputCache, SharesWeightsBetweenAllBatchesOfAWidth) {
  InputCache cache(at::kCPU, 1, kLarge);
  const auto weights = cache.weights(config(64, 4, "0.85"));
  EXPECT_EQ(cache.weights(config(64, 8, "2.05")), weights);
  EXPECT_NE(cache.weights(config(128, 8, "2.05")), weights);
}

TEST(InputCache, TellsDtypesApart) {
  InputCache cache(at::kCPU, 1, kLarge);
  MhaConfig half = config(64, 4, "0.85");
  half.dtype = Dtype::fp16;
  EXPECT_NE(cache.inputs(half), cache.inputs(config(64, 4, "0.85")));
  EXPECT_NE(cache.weights(half), cache.weights(config(64, 4, "0.85")));
}

TEST(InputCache, LetsGoOfWhatWasUsedLongestAgo) {
  const auto first_config = config(64, 4, "0.85");
  const auto second_config = config(64, 4, "2.05");
  const std::size_t bytes = InputCache(at::kCPU, 1, kLarge).inputs(first_config)->bytes();
  InputCache cache(at::kCPU, 1, bytes);
  const std::weak_ptr<const Inputs> first = cache.inputs(first_config);
  EXPECT_FALSE(first.expired());
  const std::weak_ptr<const Inputs> second = cache.inputs(second_config);
  EXPECT_TRUE(first.expired());
  EXPECT_FALSE(second.expired());
}

TEST(InputCache, NeverTakesAwayWhatIsHeld) {
  InputCache cache(at::kCPU, 1, 0);
  const auto held = cache.inputs(config(64, 4, "0.85"));
  cache.inputs(config(64, 4, "2.05"));
  EXPECT_TRUE(held->packed.defined());
}

TEST(InputCache, TheSeedDecidesTheLengthsAndTheValues) {
  InputCache one(at::kCPU, 1, kLarge);
  InputCache two(at::kCPU, 2, kLarge);
  EXPECT_NE(one.inputs(config(64, 4, "0.85"))->lengths, two.inputs(config(64, 4, "0.85"))->lengths);
}

}  // namespace
}  // namespace mhabench::test
