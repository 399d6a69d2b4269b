#include "mhabench/inputs/rotation.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/devices.h"

namespace mhabench {
namespace {

constexpr std::uint64_t kSeed = 3;

MhaConfig small_config() {
  return {Dtype::fp32, 3, 8, 16, 2, {LengthsKind::replayed, std::nullopt, "small", 1, {8, 3, 1}}};
}

TEST(SetsToRotate, ExceedTwiceTheCacheTogether) {
  EXPECT_EQ(sets_to_rotate(10, 100), 21U) << "20 would just fill it twice";
  EXPECT_EQ(sets_to_rotate(30, 100), 7U);
  for (const std::size_t bytes : {1U, 7U, 99U}) {
    EXPECT_GT(sets_to_rotate(bytes, 100) * bytes, 200U) << bytes;
  }
}

TEST(SetsToRotate, AreTwoAtLeast) {
  EXPECT_EQ(sets_to_rotate(1'000, 100), 2U);
  EXPECT_EQ(sets_to_rotate(10, 0), 2U);
  EXPECT_EQ(sets_to_rotate(0, 0), 2U);
}

class RotationTest : public test::DeviceTest {};

TEST_P(RotationTest, CopiesHoldTheSameValuesElsewhere) {
  const Inputs inputs = make_inputs(small_config(), {8, 3, 1}, GetParam(), kSeed);
  const Weights weights = make_weights(small_config(), GetParam(), kSeed);
  const std::vector<Operands> copies = copies_of(inputs, weights, 2);
  ASSERT_EQ(copies.size(), 2U);
  for (const Operands& copy : copies) {
    EXPECT_EQ(copy.inputs.lengths, inputs.lengths);
    EXPECT_EQ(copy.inputs.seq_len, inputs.seq_len);
    const std::pair<at::Tensor, at::Tensor> pairs[] = {
        {copy.inputs.packed, inputs.packed},
        {copy.inputs.padded, inputs.padded},
        {copy.inputs.key_padding_mask, inputs.key_padding_mask},
        {copy.inputs.token_rows, inputs.token_rows},
        {copy.inputs.nested.values(), inputs.nested.values()},
        {copy.weights.in_proj_weight, weights.in_proj_weight},
        {copy.weights.in_proj_bias, weights.in_proj_bias},
        {copy.weights.out_proj_weight, weights.out_proj_weight},
        {copy.weights.out_proj_bias, weights.out_proj_bias}};
    for (const auto& [a, b] : pairs) {
      EXPECT_TRUE(at::equal(a, b));
      EXPECT_NE(a.const_data_ptr(), b.const_data_ptr());
    }
    EXPECT_EQ(copy.inputs.nested.values().const_data_ptr(), copy.inputs.packed.const_data_ptr());
  }
  EXPECT_NE(copies[0].inputs.packed.const_data_ptr(), copies[1].inputs.packed.const_data_ptr());
}

TEST_P(RotationTest, TheLeastThatIsReadHasNoPadding) {
  const Inputs inputs = make_inputs(small_config(), {8, 3, 1}, GetParam(), kSeed);
  const Weights weights = make_weights(small_config(), GetParam(), kSeed);
  EXPECT_EQ(least_bytes_read(inputs, weights),
            sizeof(float) * (12 * 16 + 3 * 16 * 16 + 3 * 16 + 16 * 16 + 16));
}

INSTANTIATE_TEST_SUITE_P(Devices, RotationTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

}  // namespace
}  // namespace mhabench
