#include "mhabench/paths/packed.h"

#include <memory>
#include <utility>

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

namespace mhabench {
namespace {

using Lengths = std::vector<std::int64_t>;

struct Layer {
  const Weights& weights;
  std::int64_t heads, head_dim;
  VarlenAttention attention;

  at::Tensor operator()(const PackedBatch& batch) const {
    const at::Tensor qkv = at::linear(batch.tokens, weights.in_proj_weight, weights.in_proj_bias)
                               .view({batch.tokens.size(0), 3, heads, head_dim});
    return at::linear(attention(qkv, batch), weights.out_proj_weight, weights.out_proj_bias);
  }
};

std::shared_ptr<PackedBatch> batch_of(const MhaConfig& config, const Inputs& inputs) {
  const auto batch = std::make_shared<PackedBatch>(PackedBatch{
      inputs.packed, LengthTables(config.batch, config.embed_dim, inputs.packed.device()),
      inputs.lengths, config.seq_len});
  batch->tables.write(inputs.lengths);
  return batch;
}

PreparedCall call_of(const std::shared_ptr<PackedBatch>& batch, Layer layer, std::int64_t seq_len) {
  PreparedCall call;
  call.run = [batch, layer = std::move(layer)] { return layer(*batch); };
  call.to_packed = [batch](const at::Tensor& output) {
    return output.narrow(0, 0, batch->tables.tokens());
  };
  call.pack = [batch](const at::Tensor& padded, const Lengths& lengths) {
    batch->lengths = lengths;
    batch->tables.write(lengths);
    batch->tokens = tokens_of(padded, batch->tables);
  };
  call.unpack = [batch, seq_len](const at::Tensor& output) {
    return padded_of(output, batch->tables, seq_len);
  };
  return call;
}

}  // namespace

PreparedCall prepare_packed(const MhaConfig& config, const Inputs& inputs, const Weights& weights,
                            VarlenAttention attention) {
  return call_of(batch_of(config, inputs),
                 {weights, config.heads, config.head_dim(), std::move(attention)}, config.seq_len);
}

PreparedCall prepare_packed_fixed(const MhaConfig& config, const Inputs& inputs,
                                  const Weights& weights, VarlenAttention attention) {
  const std::shared_ptr<PackedBatch> batch = batch_of(config, inputs);
  const std::int64_t capacity = room_for(inputs.packed.size(0));
  const at::Tensor room = at::zeros({capacity, config.embed_dim}, inputs.packed.options());
  room.narrow(0, 0, inputs.packed.size(0)).copy_(inputs.packed);
  batch->tokens = room;
  PreparedCall call = call_of(
      batch, {weights, config.heads, config.head_dim(), std::move(attention)}, config.seq_len);
  call.pack = [batch, capacity](const at::Tensor& padded, const Lengths& lengths) {
    batch->lengths = lengths;
    batch->tables.write(lengths);
    const std::int64_t tokens = batch->tables.tokens();
    TORCH_CHECK(tokens <= capacity, tokens, " tokens where there is room for ", capacity);
    batch->tokens.narrow(0, 0, tokens).copy_(tokens_of(padded, batch->tables));
  };
  call.token_capacity = capacity;
  return call;
}

}  // namespace mhabench
