#include "mhabench/paths/packed_best.h"

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/packed_cudnn.h"
#include "mhabench/paths/packed_flash.h"

namespace mhabench {

PackedKernel best_packed_kernel(std::int64_t tokens, std::int64_t seq_len, std::int64_t head_dim) {
  constexpr std::int64_t kLong = 512;
  constexpr std::int64_t kShort = 256;
  constexpr std::int64_t kSmallHeadDim = 32;
  if (seq_len < kShort) return PackedKernel::flash;
  const bool small = head_dim <= kSmallHeadDim;
  const std::int64_t from = seq_len >= kLong ? (small ? 4'096 : 2'048) : (small ? 32'768 : 8'192);
  return tokens >= from ? PackedKernel::cudnn : PackedKernel::flash;
}

namespace {

VarlenAttention attention_for(const MhaConfig& config, const Inputs& inputs) {
  const c10::Device device = inputs.packed.device();
  const PackedKernel best =
      best_packed_kernel(inputs.packed.size(0), config.seq_len, config.head_dim());
  if (best == PackedKernel::flash || ragged_cudnn_refuses(config, device)) return flash_attention;
  try {
    return ragged_cudnn_attention(config, device);
  } catch (const Unsupported&) {  // cuDNN has no plan for the shape, which the header allows for
    return flash_attention;
  }
}

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_packed(config, inputs, weights, attention_for(config, inputs));
}

PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_packed_fixed(config, inputs, weights, attention_for(config, inputs));
}

}  // namespace

Path packed_best_path() {
  return {"packed_best",   "packed tokens through flash attention or cuDNN, by a rule on the shape",
          flash_refuses,   prepare,
          prepare_fixed,   {},
          Executes::packed};
}

}  // namespace mhabench
