#include "mhabench/paths/packed_efficient.h"

#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"

namespace mhabench {

at::Tensor efficient_attention(const at::Tensor& qkv, const PackedBatch& batch) {
  constexpr std::int64_t kNoMask = 0;
  const at::Tensor cu_seqlens = batch.tables.cu_seqlens();
  const at::Tensor one_batch = qkv.unsqueeze(0);
  const at::Tensor output = std::get<0>(at::_efficient_attention_forward(
      one_batch.select(2, 0), one_batch.select(2, 1), one_batch.select(2, 2),
      /*bias=*/std::nullopt, cu_seqlens, cu_seqlens, batch.longest, batch.longest,
      /*dropout_p=*/0.0, kNoMask));
  return output.view({qkv.size(0), -1});
}

namespace {

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_packed(config, inputs, weights, efficient_attention);
}

PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_packed_fixed(config, inputs, weights, efficient_attention);
}

}  // namespace

Path packed_efficient_path() {
  return {"packed_efficient", "packed tokens through LibTorch's memory-efficient attention",
          efficient_refuses,  prepare,
          prepare_fixed,      {},
          Executes::packed};
}

}  // namespace mhabench
