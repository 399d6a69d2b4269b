#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/packed.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {

at::Tensor flash_attention(const at::Tensor& qkv, const PackedBatch& batch) {
  const at::Tensor cu_seqlens = batch.tables.cu_seqlens();
  const at::Tensor output = std::get<0>(at::_flash_attention_forward(
      qkv.select(1, 0), qkv.select(1, 1), qkv.select(1, 2), cu_seqlens, cu_seqlens, batch.longest,
      batch.longest, /*dropout_p=*/0.0, /*is_causal=*/false, /*return_debug_mask=*/false));
  return output.view({qkv.size(0), -1});
}

Path packed_flash_path() {
  return packed_path(
      "packed_flash", "packed tokens through LibTorch's flash attention, cu_seqlens on the GPU",
      flash_refuses, [](const MhaConfig&, const Inputs&) { return flash_attention; });
}

}  // namespace mhabench
