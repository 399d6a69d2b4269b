#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace mhabench {

/// What the kernels of ragged paths read of a batch's lengths: int32 tables on the device, each on
/// an address that is a multiple of 256 bytes. They are parts of one tensor, so that one copy from
/// pinned memory, which nobody waits for, brings them there.
class LengthTables {
 public:
  /// Room for `batch` sequences of tokens of embed_dim elements.
  LengthTables(std::int64_t batch, std::int64_t embed_dim, c10::Device device);

  /// Enqueues the tables of `lengths`, `batch` of them, on the current stream; the addresses stay.
  void write(const std::vector<std::int64_t>& lengths);

  at::Tensor cu_seqlens() const;   ///< (batch + 1) tokens before each sequence, and in all
  at::Tensor lengths() const;      ///< (batch)
  at::Tensor qkv_offsets() const;  ///< (batch + 1) cu_seqlens in elements of (tokens, 3 embed_dim)
  at::Tensor out_offsets() const;  ///< (batch + 1) cu_seqlens in elements of (tokens, embed_dim)

  std::int64_t tokens() const { return tokens_; }
  std::int64_t longest() const { return longest_; }

 private:
  std::int64_t batch_, embed_dim_;
  std::int64_t tokens_ = 0, longest_ = 0;
  at::Tensor table_;  // (4, batch + 1 and what fills 256 bytes)
};

/// The tokens of `padded` (batch, seq_len, embed_dim), (tables.tokens(), embed_dim).
at::Tensor tokens_of(const at::Tensor& padded, const LengthTables& tables);

/// The first tables.tokens() rows of `tokens` as (batch, seq_len, embed_dim), zero where padding
/// is.
at::Tensor padded_of(const at::Tensor& tokens, const LengthTables& tables, std::int64_t seq_len);

}  // namespace mhabench
