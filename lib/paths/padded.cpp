#include "mhabench/paths/padded.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <ATen/ATen.h>

#include "mhabench/paths/packing.h"

namespace mhabench {
namespace {

using Layer = std::function<at::Tensor(const PaddedBatch&)>;
using Lengths = std::vector<std::int64_t>;

void check_full(const Lengths& lengths, std::int64_t seq_len) {
  if (std::ranges::all_of(lengths, [&](std::int64_t length) { return length == seq_len; })) return;
  throw Unsupported("it would attend to padding: not all lengths are seq_len");
}

// A batch and what replaces it by another one.
class PaddedState {
 public:
  PaddedState(const Inputs& inputs, Masking masking)
      : batch_{inputs.padded, inputs.key_padding_mask},
        masking_(masking),
        lengths_(inputs.lengths),
        tables_(inputs.padded.size(0), inputs.padded.size(2), inputs.padded.device()),
        positions_(at::arange(inputs.seq_len, inputs.padded.options().dtype(at::kInt))),
        token_rows_(inputs.token_rows) {
    if (masking == Masking::none) check_full(lengths_, inputs.seq_len);
  }

  void own_memory() {
    batch_.padded = batch_.padded.clone();
    batch_.key_padding_mask = batch_.key_padding_mask.clone();
  }

  const PaddedBatch& batch() const { return batch_; }

  void replace(const at::Tensor& padded, const Lengths& lengths) {
    take_lengths(lengths);
    batch_.padded = padded;
    if (masking_ == Masking::key_padding) {
      batch_.key_padding_mask = at::ge(positions_, tables_.lengths().unsqueeze(1));
    }
  }

  void write(const at::Tensor& padded, const Lengths& lengths) {
    take_lengths(lengths);
    batch_.padded.copy_(padded);
    if (masking_ == Masking::key_padding) {
      at::ge_out(batch_.key_padding_mask, positions_, tables_.lengths().unsqueeze(1));
    }
  }

  at::Tensor tokens_of_output(const at::Tensor& output) {
    if (!token_rows_.defined()) {
      token_rows_ = make_token_rows(lengths_, output.size(1), output.device());
    }
    return output.reshape({-1, output.size(-1)}).index_select(0, token_rows_);
  }

 private:
  void take_lengths(const Lengths& lengths) {
    if (masking_ == Masking::none) check_full(lengths, positions_.size(0));
    lengths_ = lengths;
    token_rows_.reset();
    if (masking_ == Masking::key_padding) tables_.write(lengths);
  }

  PaddedBatch batch_;
  Masking masking_;
  Lengths lengths_;
  LengthTables tables_;
  at::Tensor positions_;   // (seq_len) int32
  at::Tensor token_rows_;  // of lengths_; undefined until they are asked for
};

PreparedCall call_of(const std::shared_ptr<PaddedState>& state, Layer layer) {
  PreparedCall call;
  call.run = [state, layer = std::move(layer)] { return layer(state->batch()); };
  call.to_packed = [state](const at::Tensor& output) { return state->tokens_of_output(output); };
  call.pack = [state](const at::Tensor& padded, const Lengths& lengths) {
    state->replace(padded, lengths);
  };
  call.unpack = [](const at::Tensor& output) { return output; };
  return call;
}

}  // namespace

PreparedCall prepare_padded(const Inputs& inputs, Masking masking, Layer layer) {
  return call_of(std::make_shared<PaddedState>(inputs, masking), std::move(layer));
}

PreparedCall prepare_padded_fixed(const Inputs& inputs, Masking masking, Layer layer) {
  const auto state = std::make_shared<PaddedState>(inputs, masking);
  state->own_memory();
  PreparedCall call = call_of(state, std::move(layer));
  call.pack = [state](const at::Tensor& padded, const Lengths& lengths) {
    state->write(padded, lengths);
  };
  call.token_capacity = inputs.padded.size(0) * inputs.padded.size(1);
  return call;
}

}  // namespace mhabench
