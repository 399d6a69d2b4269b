#include "mhabench/paths/packed.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/paths.h"

namespace mhabench::test {
namespace {

Path with(const VarlenAttention& attention) {
  return packed_path("test", "", supports_all,
                     [=](const MhaConfig&, const Inputs&) { return attention; });
}

const Batch kRagged{"ragged", {9, 4, 7}, 64, 4};

TEST(PackedCall, WithFixedShapesTakesTheNextBatchInPlace) {
  const c10::InferenceMode inference;
  const Case c = make_case(kRagged, Dtype::fp32, at::kCPU);
  std::vector<const void*> addresses;
  const VarlenAttention attention = [&](const at::Tensor& qkv, const PackedBatch& batch) {
    addresses.push_back(batch.tokens.data_ptr());
    addresses.push_back(batch.tables.cu_seqlens().data_ptr());
    EXPECT_EQ(qkv.sizes(), (at::IntArrayRef{256, 3, 4, 16}));
    EXPECT_EQ(batch.longest, 9);
    return attention_by_sequence(qkv, batch);
  };
  const PreparedCall fixed = with(attention).prepare_fixed(c.config, c.inputs, c.weights);
  EXPECT_EQ(fixed.token_capacity, 256);
  const PreparedCall exact = with(attention_by_sequence).prepare(c.config, c.inputs, c.weights);
  EXPECT_TRUE(at::allclose(fixed.to_packed(fixed.run()), exact.run(), 1e-4, 1e-5));

  const Case next = make_case({"next", {2, 9, 6}, 64, 4}, Dtype::fp32, at::kCPU, 2);
  const PreparedCall exact_next =
      with(attention_by_sequence).prepare(next.config, next.inputs, c.weights);
  fixed.pack(next.inputs.padded, next.inputs.lengths);
  EXPECT_TRUE(at::allclose(fixed.to_packed(fixed.run()), exact_next.run(), 1e-4, 1e-5));
  EXPECT_EQ(addresses[0], addresses[2]);
  EXPECT_EQ(addresses[1], addresses[3]);
}

TEST(PackedCall, WithFixedShapesRefusesWhatDoesNotFit) {
  const c10::InferenceMode inference;
  const Case c = make_case({"short", {200, 20}, 64, 4}, Dtype::fp32, at::kCPU);
  const Case longer = make_case({"longer", {200, 90}, 64, 4}, Dtype::fp32, at::kCPU);
  const PreparedCall call =
      with(attention_by_sequence).prepare_fixed(c.config, c.inputs, c.weights);
  EXPECT_THROW(call.pack(longer.inputs.padded, longer.inputs.lengths), c10::Error);
}

}  // namespace
}  // namespace mhabench::test
