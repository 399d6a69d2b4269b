#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "mhabench/config/config.h"

namespace mhabench {

/// LibTorch's name for an element type.
at::ScalarType scalar_type(Dtype dtype);

/// One batch of sequences in every form a path may take it. All forms hold the same values, drawn
/// from a standard normal distribution as the script does; tokens stand in the order of the
/// sequences. None is an inference tensor, as none of the script's is.
struct Inputs {
  std::vector<std::int64_t> lengths;
  std::int64_t seq_len = 0;
  at::Tensor packed;            ///< (tokens, embed_dim)
  at::Tensor nested;            ///< strided nested tensor of (length, embed_dim), packed's storage
  at::Tensor padded;            ///< (batch, seq_len, embed_dim), zero where padding is
  at::Tensor key_padding_mask;  ///< (batch, seq_len) bool, true where padding is
  at::Tensor token_rows;        ///< (tokens) int64, each token's row in padded.flatten(0, 1)

  /// Device memory held, in bytes.
  std::size_t bytes() const;
};

/// The layer's parameters, as nn.Linear makes them: uniform in +-1/sqrt(embed_dim), no inference
/// tensors, each requiring a gradient as an nn.Parameter does. at::linear runs other operators
/// where its weight requires none, also in inference mode.
struct Weights {
  at::Tensor in_proj_weight;   ///< (3 * embed_dim, embed_dim)
  at::Tensor in_proj_bias;     ///< (3 * embed_dim)
  at::Tensor out_proj_weight;  ///< (embed_dim, embed_dim)
  at::Tensor out_proj_bias;    ///< (embed_dim)

  std::size_t bytes() const;
};

/// (tokens) int64 on `device`: the row of each token of such a batch in padded.flatten(0, 1).
at::Tensor make_token_rows(const std::vector<std::int64_t>& lengths, std::int64_t seq_len,
                           c10::Device device);

/// packed (tokens, embed_dim) as a strided nested tensor of (length, embed_dim), without a copy.
at::Tensor nested_view(const at::Tensor& packed, const std::vector<std::int64_t>& lengths);

/// Makes the batch of `lengths` (each from 1 to config.seq_len) on `device`. The same arguments
/// give the same values on the same kind of device. Throws c10::Error where memory runs out.
Inputs make_inputs(const MhaConfig& config, std::vector<std::int64_t> lengths, c10::Device device,
                   std::uint64_t seed);

/// The same values in memory of their own.
Inputs copy_of(const Inputs& inputs);
Weights copy_of(const Weights& weights);

/// The same parameters, in the same memory, requiring no gradient.
Weights frozen(const Weights& weights);

/// Makes the parameters for config.embed_dim and config.dtype on `device`.
Weights make_weights(const MhaConfig& config, c10::Device device, std::uint64_t seed);

}  // namespace mhabench
