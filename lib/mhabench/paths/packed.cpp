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

void take_lengths(PackedBatch& batch, const Lengths& lengths) {
  batch.lengths = lengths;
  batch.tables.write(lengths);
}

PreparedCall call_of(const std::shared_ptr<PackedBatch>& batch, Layer layer, std::int64_t seq_len) {
  PreparedCall call;
  call.run = [batch, layer = std::move(layer)] { return layer(*batch); };
  call.to_packed = [batch](const at::Tensor& output) {
    return output.narrow(0, 0, batch->tables.tokens());
  };
  call.pack = [batch](const at::Tensor& padded, const Lengths& lengths) {
    take_lengths(*batch, lengths);
    batch->tokens = tokens_of(padded, batch->tables);
  };
  call.unpack = [batch, seq_len](const at::Tensor& output) {
    return padded_of(output, batch->tables, seq_len);
  };
  return call;
}

// Moves the batch's tokens to the front of a buffer where the next batch's fit too.
void move_to_room(PackedBatch& batch) {
  const at::Tensor tokens = batch.tokens;
  batch.tokens = at::zeros({room_for(tokens.size(0)), tokens.size(1)}, tokens.options());
  batch.tokens.narrow(0, 0, tokens.size(0)).copy_(tokens);
}

void write_in_place(PackedBatch& batch, const at::Tensor& padded, const Lengths& lengths) {
  take_lengths(batch, lengths);
  const std::int64_t tokens = batch.tables.tokens();
  const std::int64_t capacity = batch.tokens.size(0);
  TORCH_CHECK(tokens <= capacity, tokens, " tokens where there is room for ", capacity);
  batch.tokens.narrow(0, 0, tokens).copy_(tokens_of(padded, batch.tables));
}

PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, Layer layer) {
  const std::shared_ptr<PackedBatch> batch = batch_of(config, inputs);
  move_to_room(*batch);
  PreparedCall call = call_of(batch, std::move(layer), config.seq_len);
  call.pack = [batch](const at::Tensor& padded, const Lengths& lengths) {
    write_in_place(*batch, padded, lengths);
  };
  call.token_capacity = batch->tokens.size(0);
  return call;
}

}  // namespace

Path packed_path(std::string name, std::string summary, Path::Unsupports unsupported,
                 ChooseAttention attention) {
  const auto layer_of = [attention = std::move(attention)](
                            const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    return Layer{weights, config.heads, config.head_dim(), attention(config, inputs)};
  };
  Path path;
  path.name = std::move(name);
  path.summary = std::move(summary);
  path.unsupported = std::move(unsupported);
  path.prepare = [=](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    Layer layer = layer_of(config, inputs, weights);
    return call_of(batch_of(config, inputs), std::move(layer), config.seq_len);
  };
  path.prepare_fixed = [=](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    return prepare_fixed(config, inputs, layer_of(config, inputs, weights));
  };
  path.executes = Executes::packed;
  return path;
}

}  // namespace mhabench
