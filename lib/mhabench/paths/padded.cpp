#include "mhabench/paths/padded.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include <ATen/ATen.h>

#include "mhabench/paths/packing.h"

namespace mhabench {
namespace {

using Lengths = std::vector<std::int64_t>;

void check_full(const Lengths& lengths, std::int64_t seq_len) {
  if (std::ranges::all_of(lengths, [&](std::int64_t length) { return length == seq_len; })) return;
  throw Unsupported("it would attend to padding: not all lengths are seq_len");
}

at::Tensor mask_of(const Inputs& inputs, Masking masking) {
  if (masking == Masking::none) return {};
  if (masking == Masking::key_padding) return inputs.key_padding_mask;
  return inputs.key_padding_mask.logical_not().unsqueeze(1).unsqueeze(1);
}

// A batch and what replaces it by another one.
class PaddedState {
 public:
  PaddedState(const Inputs& inputs, Masking masking)
      : padded_(inputs.padded),
        mask_(mask_of(inputs, masking)),
        masking_(masking),
        lengths_(inputs.lengths),
        tables_(inputs.padded.size(0), inputs.padded.size(2), inputs.padded.device()),
        positions_(at::arange(inputs.seq_len, inputs.padded.options().dtype(at::kInt))),
        token_rows_(inputs.token_rows) {
    if (masking == Masking::none) check_full(lengths_, inputs.seq_len);
  }

  void own_memory() {
    padded_ = padded_.clone();
    if (mask_.defined()) mask_ = mask_.clone();
  }

  const at::Tensor& padded() const { return padded_; }
  const at::Tensor& mask() const { return mask_; }

  void replace(const at::Tensor& padded, const Lengths& lengths) {
    take_lengths(lengths);
    padded_ = padded;
    if (mask_.defined()) mask_ = at::empty_like(mask_);
    write_mask();
  }

  void write(const at::Tensor& padded, const Lengths& lengths) {
    take_lengths(lengths);
    padded_.copy_(padded);
    write_mask();
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
    if (masking_ != Masking::none) tables_.write(lengths);
  }

  void write_mask() {
    if (masking_ == Masking::none) return;
    at::Tensor by_position = mask_.view({padded_.size(0), positions_.size(0)});
    const at::Tensor ends = tables_.lengths().unsqueeze(1);
    masking_ == Masking::attend ? at::lt_out(by_position, positions_, ends)
                                : at::ge_out(by_position, positions_, ends);
  }

  at::Tensor padded_, mask_;  // what a call reads
  Masking masking_;
  Lengths lengths_;
  LengthTables tables_;
  at::Tensor positions_;   // (seq_len) int32
  at::Tensor token_rows_;  // of lengths_; undefined until they are asked for
};

PreparedCall call_of(const std::shared_ptr<PaddedState>& state, PaddedLayer layer,
                     const Weights& weights, std::int64_t heads) {
  PreparedCall call;
  call.run = [state, layer, weights, heads] {
    return layer(state->padded(), state->mask(), weights, heads);
  };
  call.to_packed = [state](const at::Tensor& output) { return state->tokens_of_output(output); };
  call.pack = [state](const at::Tensor& padded, const Lengths& lengths) {
    state->replace(padded, lengths);
  };
  call.unpack = [](const at::Tensor& output) { return output; };
  return call;
}

}  // namespace

Path padded_path(std::string name, std::string summary, Masking masking, PaddedLayer layer) {
  Path path;
  path.name = std::move(name);
  path.summary = std::move(summary);
  path.unsupported = [](const MhaConfig&, c10::Device) { return std::nullopt; };
  path.prepare = [=](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    return call_of(std::make_shared<PaddedState>(inputs, masking), layer, weights, config.heads);
  };
  path.prepare_fixed = [=](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    const auto state = std::make_shared<PaddedState>(inputs, masking);
    state->own_memory();
    PreparedCall call = call_of(state, layer, weights, config.heads);
    call.pack = [state](const at::Tensor& padded, const Lengths& lengths) {
      state->write(padded, lengths);
    };
    call.token_capacity = state->padded().size(0) * state->padded().size(1);
    return call;
  };
  path.executes = Executes::padded;
  return path;
}

at::Tensor additive_mask(const at::Tensor& key_padding_mask, at::ScalarType dtype) {
  return at::zeros_like(key_padding_mask, key_padding_mask.options().dtype(dtype))
      .masked_fill_(key_padding_mask, -std::numeric_limits<double>::infinity());
}

}  // namespace mhabench
