#include <limits>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/packed.h"
#include "mhabench/paths/path_table.h"
#include "mhabench/paths/ragged_plan.h"

namespace mhabench {

std::optional<std::string> beyond_ragged_offsets(const MhaConfig& config) {
  const std::int64_t last_offset = config.batch * config.seq_len * 3 * config.embed_dim;
  if (last_offset > std::numeric_limits<std::int32_t>::max()) {
    return "its int32 offsets end at 2^31 - 1 elements, and " + std::to_string(last_offset) +
           " may be needed";
  }
  return std::nullopt;
}

std::optional<std::string> ragged_cudnn_refuses(const MhaConfig& config, c10::Device device) {
  if (auto reason = flash_refuses(config, device)) return reason;  // cuDNN's terms are the same
  if (auto reason = no_ragged_plans()) return reason;
  if (config.seq_len == 1) return "cuDNN takes no batch whose longest sequence is one token";
  return beyond_ragged_offsets(config);
}

VarlenAttention ragged_cudnn_attention(const MhaConfig& config, const Inputs& inputs) {
  const auto plan = ragged_plan({inputs.packed.device().index(), config.dtype, config.batch,
                                 config.seq_len, config.heads, config.head_dim()});
  return [plan](const at::Tensor& qkv, const PackedBatch& batch) {
    return plan->run(qkv, batch.tables);
  };
}

Path packed_cudnn_path() {
  return packed_path("packed_cudnn",
                     "packed tokens through cuDNN's ragged attention, its plan kept",
                     ragged_cudnn_refuses, ragged_cudnn_attention);
}

}  // namespace mhabench
