#include "mhabench/inputs/tensors.h"

#include <cmath>
#include <numeric>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

namespace mhabench {
namespace {

// Inputs and weights draw from streams of their own, so that neither repeats the other.
constexpr std::uint64_t kWeightsStream = 0x9E3779B97F4A7C15;

at::Generator seeded_generator(c10::Device device, std::uint64_t seed) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

at::Tensor to_index(const std::vector<std::int64_t>& values, c10::Device device) {
  return at::tensor(values, at::kLong).to(device);
}

// What is made while it lives is what Python makes outside of inference mode, and no operation on
// it is recorded.
struct Ordinary {
  c10::InferenceMode inference{false};
  c10::AutoGradMode recording{false};
};

// The parameters that `change` makes of each.
template <typename Change>
Weights parameters(const Weights& weights, bool trainable, Change change) {
  const Ordinary tensors;
  const auto parameter = [&](const at::Tensor& tensor) {
    return at::Tensor(change(tensor)).requires_grad_(trainable);
  };
  return {parameter(weights.in_proj_weight), parameter(weights.in_proj_bias),
          parameter(weights.out_proj_weight), parameter(weights.out_proj_bias)};
}

std::size_t total_bytes(std::initializer_list<std::reference_wrapper<const at::Tensor>> tensors) {
  std::size_t bytes = 0;
  for (const at::Tensor& tensor : tensors) bytes += tensor.nbytes();
  return bytes;
}

}  // namespace

at::ScalarType scalar_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::fp32:
      return at::kFloat;
    case Dtype::fp16:
      return at::kHalf;
    case Dtype::bf16:
      return at::kBFloat16;
  }
  return at::kFloat;
}

std::size_t Inputs::bytes() const {
  return total_bytes({packed, padded, key_padding_mask, token_rows});
}

std::size_t Weights::bytes() const {
  return total_bytes({in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias});
}

at::Tensor make_token_rows(const std::vector<std::int64_t>& lengths, std::int64_t seq_len,
                           c10::Device device) {
  std::vector<std::int64_t> rows;
  rows.reserve(
      static_cast<std::size_t>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0})));
  std::int64_t first = 0;
  for (const std::int64_t length : lengths) {
    for (std::int64_t i = 0; i < length; ++i) rows.push_back(first + i);
    first += seq_len;
  }
  return to_index(rows, device);
}

// A view costs no second copy and hands the kernels what nested_tensor() would: contiguous parts,
// one after the other.
at::Tensor nested_view(const at::Tensor& packed, const std::vector<std::int64_t>& lengths) {
  const std::int64_t embed_dim = packed.size(1);
  std::vector<std::int64_t> sizes, strides, offsets;
  std::int64_t offset = 0;
  for (const std::int64_t length : lengths) {
    sizes.insert(sizes.end(), {length, embed_dim});
    strides.insert(strides.end(), {embed_dim, 1});
    offsets.push_back(offset);
    offset += length * embed_dim;
  }
  const auto table = [](const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::kLong).view({-1, 2});
  };
  return at::_nested_view_from_buffer(packed.view({-1}), table(sizes), table(strides),
                                      at::tensor(offsets, at::kLong));
}

Inputs make_inputs(const MhaConfig& config, std::vector<std::int64_t> lengths, c10::Device device,
                   std::uint64_t seed) {
  const Ordinary tensors;
  const auto options = at::TensorOptions().device(device).dtype(scalar_type(config.dtype));
  const auto batch = static_cast<std::int64_t>(lengths.size());
  const std::int64_t tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});

  Inputs inputs;
  inputs.seq_len = config.seq_len;
  inputs.packed = at::randn({tokens, config.embed_dim}, seeded_generator(device, seed), options);
  inputs.nested = nested_view(inputs.packed, lengths);
  inputs.token_rows = make_token_rows(lengths, config.seq_len, device);
  inputs.padded = at::zeros({batch * config.seq_len, config.embed_dim}, options)
                      .index_copy_(0, inputs.token_rows, inputs.packed)
                      .view({batch, config.seq_len, config.embed_dim});
  inputs.key_padding_mask = at::ones({batch * config.seq_len}, options.dtype(at::kBool))
                                .index_fill_(0, inputs.token_rows, false)
                                .view({batch, config.seq_len});
  inputs.lengths = std::move(lengths);
  return inputs;
}

Inputs copy_of(const Inputs& inputs) {
  const Ordinary tensors;
  Inputs copy = inputs;
  copy.packed = inputs.packed.clone();
  copy.nested = nested_view(copy.packed, copy.lengths);
  copy.padded = inputs.padded.clone();
  copy.key_padding_mask = inputs.key_padding_mask.clone();
  copy.token_rows = inputs.token_rows.clone();
  return copy;
}

Weights copy_of(const Weights& weights) {
  return parameters(weights, true, [](const at::Tensor& tensor) { return tensor.clone(); });
}

Weights frozen(const Weights& weights) {
  return parameters(weights, false, [](const at::Tensor& tensor) { return tensor.detach(); });
}

Weights make_weights(const MhaConfig& config, c10::Device device, std::uint64_t seed) {
  const auto options = at::TensorOptions().device(device).dtype(scalar_type(config.dtype));
  const std::int64_t width = config.embed_dim;
  const double bound = 1.0 / std::sqrt(static_cast<double>(width));
  const at::Generator generator = seeded_generator(device, seed ^ kWeightsStream);
  const Ordinary tensors;
  const auto uniform = [&](at::IntArrayRef shape) {
    return at::empty(shape, options).uniform_(-bound, bound, generator).requires_grad_(true);
  };
  return {uniform({3 * width, width}), uniform({3 * width}), uniform({width, width}),
          uniform({width})};
}

}  // namespace mhabench
