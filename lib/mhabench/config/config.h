#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mhabench/base/decimal.h"

namespace mhabench {

/// Element type of inputs, weights and outputs.
enum class Dtype { fp32, fp16, bf16 };

/// Back ends of PyTorch's scaled_dot_product_attention (SDPA).
enum class SdpaBackend { flash, efficient, cudnn, math };

/// Where the lengths of a batch come from (see make_lengths).
enum class LengthsKind { script, beta, full, uniform, replayed };

/// Whether lengths of that kind are drawn from Beta(1, beta).
inline bool has_beta(LengthsKind kind) {
  return kind == LengthsKind::script || kind == LengthsKind::beta;
}

/// The source of one configuration's lengths. `beta` is set for kinds script and beta; a replayed
/// batch carries the file's stem, its line number (from 1) and the lengths themselves, and keeps
/// the beta of a dumped line where there was one.
struct LengthsSource {
  LengthsKind kind = LengthsKind::script;
  std::optional<Decimal> beta;
  std::string stem;
  int line = 0;
  std::vector<std::int64_t> replayed;

  friend bool operator==(const LengthsSource&, const LengthsSource&) = default;
};

/// What stands in the GPU's L2 cache when a call begins: what the last call of the same inputs and
/// weights left there (warm), or other copies of them, as between the layers of a model (rotate).
enum class L2Mode { warm, rotate };

/// One configuration of the layer: self-attention over `batch` sequences of at most `seq_len`
/// tokens, width `embed_dim`, split over `heads` (embed_dim % heads == 0).
struct MhaConfig {
  Dtype dtype = Dtype::fp16;
  std::int64_t batch = 0;
  std::int64_t seq_len = 0;
  std::int64_t embed_dim = 0;
  std::int64_t heads = 0;
  LengthsSource lengths;
  L2Mode l2 = L2Mode::warm;
  std::optional<SdpaBackend> sdpa = std::nullopt;  ///< pinned; absent, PyTorch chooses

  std::int64_t head_dim() const { return embed_dim / heads; }

  friend bool operator==(const MhaConfig&, const MhaConfig&) = default;
};

}  // namespace mhabench
