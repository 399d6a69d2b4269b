#include <ATen/ATen.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/packed.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {

at::Tensor attention_by_sequence(const at::Tensor& qkv, const PackedBatch& batch) {
  const at::Tensor by_head = qkv.permute({1, 2, 0, 3});  // (3, heads, tokens, head_dim)
  const std::int64_t embed_dim = qkv.size(2) * qkv.size(3);
  const at::Tensor output = at::empty({qkv.size(0), embed_dim}, qkv.options());
  std::int64_t first = 0;
  for (const std::int64_t length : batch.lengths) {
    const at::Tensor part = by_head.narrow(2, first, length).unsqueeze(1);
    const at::Tensor attention = at::scaled_dot_product_attention(part[0], part[1], part[2]);
    output.narrow(0, first, length)
        .view({length, qkv.size(2), qkv.size(3)})
        .copy_(attention.squeeze(0).transpose(0, 1));
    first += length;
  }
  return output;
}

namespace {

std::optional<std::string> unsupported(const MhaConfig&, c10::Device device) {
  if (device.is_cpu()) return std::nullopt;
  return "stands for the CPU: on CUDA there are kernels that take cu_seqlens";
}

}  // namespace

Path packed_cpu_path() {
  Path path = packed_path(
      "packed_cpu", "packed tokens on the CPU, attention one sequence after the other", unsupported,
      [](const MhaConfig&, const Inputs&) { return attention_by_sequence; });
  path.prepare_fixed = {};
  path.refuses_sdpa = sdpa_refuses;
  return path;
}

}  // namespace mhabench
