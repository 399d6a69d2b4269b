#include "mhabench/inputs/tensors.h"

#include <cmath>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/batches.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

const Batch kRagged{"ragged", {3, 1, 5, 5}, 16, 2};

class TensorsOnDevice : public DeviceTest {};

TEST_P(TensorsOnDevice, AllFormsHoldTheSameValues) {
  for (const Dtype dtype : all_dtypes()) {
    const Inputs inputs = make_case(kRagged, dtype, GetParam()).inputs;
    ASSERT_EQ(inputs.packed.sizes(), (at::IntArrayRef{14, 16}));
    ASSERT_EQ(inputs.padded.sizes(), (at::IntArrayRef{4, 5, 16}));
    ASSERT_EQ(inputs.packed.scalar_type(), scalar_type(dtype));
    EXPECT_EQ(inputs.packed.device().type(), GetParam().type());
    EXPECT_TRUE(at::equal(at::nested_to_padded_tensor(inputs.nested, 0), inputs.padded));
    EXPECT_TRUE(
        at::equal(inputs.padded.view({20, 16}).index_select(0, inputs.token_rows), inputs.packed));
    const auto parts = inputs.packed.split_with_sizes({3, 1, 5, 5});
    for (std::int64_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(at::equal(inputs.nested.unbind()[static_cast<std::size_t>(i)],
                            parts[static_cast<std::size_t>(i)]));
    }
  }
}

TEST_P(TensorsOnDevice, TheMaskMarksThePaddingAndThePaddingIsZero) {
  const Inputs inputs = make_case(kRagged, Dtype::fp32, GetParam()).inputs;
  const at::Tensor expected =
      at::tensor({0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}).view({4, 5});
  EXPECT_TRUE(at::equal(inputs.key_padding_mask.cpu(), expected.to(at::kBool)));
  EXPECT_EQ(inputs.padded.masked_select(inputs.key_padding_mask.unsqueeze(-1))
                .count_nonzero()
                .item<std::int64_t>(),
            0);
}

// at::linear looks at what its weight requires, in inference mode too.
TEST_P(TensorsOnDevice, WeightsAreParametersInInferenceModeToo) {
  const c10::InferenceMode inference;
  const Case c = make_case(kRagged, Dtype::fp32, GetParam());
  for (const Weights& weights : {c.weights, copy_of(c.weights)}) {
    EXPECT_TRUE(weights.in_proj_weight.requires_grad());
    EXPECT_TRUE(weights.out_proj_bias.requires_grad());
    EXPECT_FALSE(weights.in_proj_weight.is_inference());
  }
  EXPECT_FALSE(c.inputs.padded.is_inference());
  const Weights fixed = frozen(c.weights);
  EXPECT_FALSE(fixed.in_proj_weight.requires_grad());
  EXPECT_EQ(fixed.in_proj_weight.data_ptr(), c.weights.in_proj_weight.data_ptr());
  EXPECT_NE(copy_of(c.weights).in_proj_weight.data_ptr(), c.weights.in_proj_weight.data_ptr());
}

TEST_P(TensorsOnDevice, TheSeedDecidesTheValues) {
  const Case first = make_case(kRagged, Dtype::fp16, GetParam(), 7);
  const Case again = make_case(kRagged, Dtype::fp16, GetParam(), 7);
  const Case other = make_case(kRagged, Dtype::fp16, GetParam(), 8);
  EXPECT_TRUE(at::equal(first.inputs.packed, again.inputs.packed));
  EXPECT_TRUE(at::equal(first.weights.in_proj_weight, again.weights.in_proj_weight));
  EXPECT_FALSE(at::equal(first.inputs.packed, other.inputs.packed));
  EXPECT_FALSE(at::equal(first.weights.in_proj_weight, other.weights.in_proj_weight));
}

TEST_P(TensorsOnDevice, ValuesFollowTheirDistributions) {
  const Case c = make_case({"large", {400, 400}, 256, 2}, Dtype::fp32, GetParam());
  const double elements = 800.0 * 256.0;
  EXPECT_NEAR(c.inputs.packed.mean().item<double>(), 0, 5 / std::sqrt(elements));
  EXPECT_NEAR(c.inputs.packed.std().item<double>(), 1, 5 / std::sqrt(2 * elements));
  const double bound = 1.0 / 16;  // 1 / sqrt(256)
  for (const at::Tensor& t : {c.weights.in_proj_weight, c.weights.in_proj_bias,
                              c.weights.out_proj_weight, c.weights.out_proj_bias}) {
    EXPECT_LE(t.abs().max().item<double>(), bound);
    EXPECT_GT(t.abs().max().item<double>(), 0.97 * bound);
    const auto count = static_cast<double>(t.numel());
    EXPECT_NEAR(t.mean().item<double>(), 0, 5 * bound / std::sqrt(3 * count));
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, TensorsOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

TEST(Tensors, CountTheirBytes) {
  const Case c = make_case(kRagged, Dtype::fp16, at::kCPU);
  EXPECT_EQ(c.inputs.bytes(), 14U * 16 * 2 + 20 * 16 * 2 + 20 + 14 * 8);
  EXPECT_EQ(c.weights.bytes(), (3U * 16 * 16 + 3 * 16 + 16 * 16 + 16) * 2);
}

}  // namespace
}  // namespace mhabench::test
