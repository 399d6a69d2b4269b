#include "mhabench/work/work.h"

#include <gtest/gtest.h>

namespace mhabench {
namespace {

// Two sequences of 3 and 1 tokens, padded to 3; E = 8, H = 2, d = 4. T = 4, sum(l^2) = 10.
constexpr LengthSums kLengths{4, 10};

MhaConfig tiny(Dtype dtype = Dtype::fp16) {
  return {dtype, 2, 3, 8, 2, {LengthsKind::replayed, std::nullopt, "tiny", 1, {3, 1}}};
}

// In-projection: a (4, 8) by (8, 24) product has 4 * 24 dot products of 8 terms: 4 * 24 * 16 =
// 1536. Attention: the sequence of 3 has 9 scores a head, each a dot product of 4 terms (8 FLOPs),
// and 3 outputs of 4 elements, each of 3 terms (6 FLOPs): 9 * 8 + 12 * 6 = 144; that of 1 has 1 * 8
// + 4 * 2 = 16; two heads: 320. Out-projection: 4 * 8 dot products of 8 terms: 512.
TEST(UsefulWork, CountsTheFlopsOfTheTokensAlone) {
  const LayerWork work = useful_work(tiny(), kLengths);
  EXPECT_EQ(work.in_projection.flops, 1536);
  EXPECT_EQ(work.attention.flops, 320);
  EXPECT_EQ(work.out_projection.flops, 512);
  EXPECT_EQ(work.flops(), 2368);
}

// In-projection: 4 * 8 of input, 8 * 24 of weights, 4 * 24 of q, k and v: 320 elements. Attention:
// q, k, v and the output, 4 * 8 each: 128. Out-projection: 32 in, 64 of weights, 32 out: 128.
TEST(UsefulWork, CountsEachTensorsBytesOnceAStage) {
  const LayerWork half = useful_work(tiny(Dtype::bf16), kLengths);
  EXPECT_EQ(half.in_projection.bytes, 2 * 320);
  EXPECT_EQ(half.attention.bytes, 2 * 128);
  EXPECT_EQ(half.out_projection.bytes, 2 * 128);
  const LayerWork single = useful_work(tiny(Dtype::fp32), kLengths);
  EXPECT_EQ(single.in_projection.bytes, 4 * 320);
  EXPECT_EQ(single.attention.bytes, 4 * 128);
  EXPECT_EQ(single.out_projection.bytes, 4 * 128);
}

// A score each: (9 + 1) for each of two heads.
TEST(UsefulWork, CountsAnExponentialAScore) {
  const LayerWork work = useful_work(tiny(), kLengths);
  EXPECT_EQ(work.in_projection.exponentials, 0);
  EXPECT_EQ(work.attention.exponentials, 20);
  EXPECT_EQ(work.out_projection.exponentials, 0);
}

// 32 elements of input, 96 of q, k and v, 32 of attention's output, 32 of output; 192 + 64 of
// weights: 448.
TEST(WorkingSet, HoldsEachTensorOnce) {
  EXPECT_EQ(working_set_bytes(tiny(Dtype::fp16), kLengths), 2 * 448);
  EXPECT_EQ(working_set_bytes(tiny(Dtype::fp32), kLengths), 4 * 448);
}

// Padded: T = 6, sum(l^2) = 18: 6 * 6 * 64 + 4 * 8 * 18 + 2 * 6 * 64 = 2304 + 576 + 768.
TEST(ExecutedFlops, FollowThePositionsThatAPathWorksOn) {
  EXPECT_EQ(executed_flops(tiny(), kLengths, Executes::padded, true), 3648);
  EXPECT_EQ(executed_flops(tiny(), kLengths, Executes::packed, true), 2368);
  EXPECT_EQ(executed_flops(tiny(), kLengths, Executes::padded, false), 3648);
  EXPECT_EQ(executed_flops(tiny(), kLengths, Executes::packed, false), 2368);
}

// 4 tokens lie in 256 rows: linear maps of 256 * 24 and 256 * 8 dot products of 8 terms, 98304 +
// 32768, and the 320 of attention over the tokens.
TEST(ExecutedFlops, OfAGraphOnPackedTokensCountTheRoomThatItHasForThem) {
  EXPECT_EQ(executed_flops(tiny(), kLengths, Executes::packed_room, true), 131392);
}

TEST(RoomForTokens, IsInGranulesOf256) {
  EXPECT_EQ(room_for(1), 256);
  EXPECT_EQ(room_for(256), 256);
  EXPECT_EQ(room_for(257), 512);
}

// Projections of the tokens, 1536 + 512, and the padded attention's 576.
TEST(ExecutedFlops, NestedTensorsArePaddedForAttentionWhereItIsNotFused) {
  EXPECT_EQ(executed_flops(tiny(), kLengths, Executes::nested, true), 2368);
  EXPECT_EQ(executed_flops(tiny(), kLengths, Executes::nested, false), 2624);
}

TEST(ExecutedFlops, WithoutPaddingAllIsUseful) {
  const LengthSums full{6, 18};
  for (const Executes executes : {Executes::padded, Executes::packed, Executes::nested}) {
    EXPECT_EQ(executed_flops(tiny(), full, executes, false), useful_work(tiny(), full).flops());
  }
}

// The largest of the script's grid overflows no counter: 8 * 131072 * 1024^2 + 4 * 1024 * 256 *
// 512^2 = 1099511627776 + 274877906944.
TEST(ExecutedFlops, OfTheScriptsLargestBatchAreExact) {
  const MhaConfig config{Dtype::fp16, 256, 512, 1024, 16, {}};
  EXPECT_EQ(executed_flops(config, {1000, 1000}, Executes::padded, true), 1374389534720.0);
}

}  // namespace
}  // namespace mhabench
