#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/packed.h"
#include "mhabench/paths/path_table.h"

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

Path packed_efficient_path() {
  return packed_path(
      "packed_efficient", "packed tokens through LibTorch's memory-efficient attention",
      efficient_refuses, [](const MhaConfig&, const Inputs&) { return efficient_attention; });
}

}  // namespace mhabench
