#include "mhabench/paths/kernels.h"
#include "mhabench/paths/packed.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {
namespace {

bool small_tiles_pay(const MhaConfig& config, std::int64_t tokens) {
  if (config.head_dim() > 64) return false;
  if (config.seq_len <= 64) return true;
  return config.seq_len <= 128 && config.batch >= 64 && tokens <= 32 * config.batch;
}

bool cudnn_pays(const MhaConfig& config, std::int64_t tokens) {
  const bool narrow = config.head_dim() <= 32;
  if (config.seq_len >= 512) return tokens >= (narrow ? 4'096 : 2'048);
  return config.seq_len >= 256 && tokens >= (narrow ? 32'768 : 8'192);
}

}  // namespace

PackedKernel best_packed_kernel(const MhaConfig& config, std::int64_t tokens) {
  if (small_tiles_pay(config, tokens)) return PackedKernel::efficient;
  return cudnn_pays(config, tokens) ? PackedKernel::cudnn : PackedKernel::flash;
}

namespace {

// Memory-efficient attention takes whatever the others take, and fp32, which neither does.
VarlenAttention attention_for(const MhaConfig& config, const Inputs& inputs) {
  const c10::Device device = inputs.packed.device();
  const PackedKernel best = best_packed_kernel(config, inputs.packed.size(0));
  if (best == PackedKernel::efficient || flash_refuses(config, device)) return efficient_attention;
  if (best == PackedKernel::flash || ragged_cudnn_refuses(config, device)) return flash_attention;
  try {
    return ragged_cudnn_attention(config, inputs);
  } catch (const Unsupported&) {  // cuDNN has no plan for the shape, which its refusals cannot tell
    return flash_attention;
  }
}

}  // namespace

Path packed_best_path() {
  return packed_path("packed_best",
                     "packed tokens through the fastest kernel, by a rule on the shape",
                     efficient_refuses, attention_for);
}

}  // namespace mhabench
