#include "mhabench/paths/packing.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

namespace mhabench {
namespace {

constexpr std::int64_t kAlignment = 64;  // int32 in 256 bytes
enum Line : std::int64_t { kCuSeqlens, kLengths, kQkvOffsets, kOutOffsets, kLines };

at::Tensor host_table(at::IntArrayRef shape, c10::Device device) {
  return at::empty(shape, at::TensorOptions().dtype(at::kInt).pinned_memory(device.is_cuda()));
}

}  // namespace

LengthTables::LengthTables(std::int64_t batch, std::int64_t embed_dim, c10::Device device)
    : batch_(batch), embed_dim_(embed_dim) {
  const std::int64_t columns = (batch + 1 + kAlignment - 1) / kAlignment * kAlignment;
  table_ = at::zeros({kLines, columns}, at::TensorOptions().dtype(at::kInt).device(device));
}

void LengthTables::write(const std::vector<std::int64_t>& lengths) {
  TORCH_CHECK(static_cast<std::int64_t>(lengths.size()) == batch_, "a batch of ", lengths.size(),
              " sequences where ", batch_, " were to come");
  const at::Tensor host = host_table(table_.sizes(), table_.device());
  const std::int64_t columns = table_.size(1);
  auto* const values = host.data_ptr<std::int32_t>();
  const auto put = [&](Line line, std::int64_t column, std::int64_t value) {
    values[line * columns + column] = static_cast<std::int32_t>(value);
  };
  tokens_ = longest_ = 0;
  for (std::int64_t i = 0; i <= batch_; ++i) {
    const std::int64_t length = i < batch_ ? lengths[static_cast<std::size_t>(i)] : 0;
    put(kCuSeqlens, i, tokens_);
    put(kQkvOffsets, i, tokens_ * 3 * embed_dim_);
    put(kOutOffsets, i, tokens_ * embed_dim_);
    put(kLengths, i, length);
    tokens_ += length;
    longest_ = std::max(longest_, length);
  }
  table_.copy_(host, /*non_blocking=*/true);
}

at::Tensor LengthTables::cu_seqlens() const {
  return table_.select(0, kCuSeqlens).narrow(0, 0, batch_ + 1);
}

at::Tensor LengthTables::lengths() const { return table_.select(0, kLengths).narrow(0, 0, batch_); }

at::Tensor LengthTables::qkv_offsets() const {
  return table_.select(0, kQkvOffsets).narrow(0, 0, batch_ + 1);
}

at::Tensor LengthTables::out_offsets() const {
  return table_.select(0, kOutOffsets).narrow(0, 0, batch_ + 1);
}

at::Tensor tokens_of(const at::Tensor& padded, const LengthTables& tables) {
  return at::_padded_dense_to_jagged_forward(padded, {tables.cu_seqlens()}, tables.tokens());
}

at::Tensor padded_of(const at::Tensor& tokens, const LengthTables& tables, std::int64_t seq_len) {
  return at::_jagged_to_padded_dense_forward(tokens.narrow(0, 0, tables.tokens()),
                                             {tables.cu_seqlens()}, {seq_len}, 0.0);
}

}  // namespace mhabench
