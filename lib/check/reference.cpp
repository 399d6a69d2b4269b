#include "mhabench/check/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <ATen/ATen.h>

namespace mhabench {
namespace {

// Parameters in fp64, the matrices transposed.
struct ExactWeights {
  explicit ExactWeights(const Weights& w)
      : in_proj(w.in_proj_weight.to(at::kDouble).t()),
        in_bias(w.in_proj_bias.to(at::kDouble)),
        out_proj(w.out_proj_weight.to(at::kDouble).t()),
        out_bias(w.out_proj_bias.to(at::kDouble)) {}

  at::Tensor in_proj, in_bias, out_proj, out_bias;
};

// Some sequences of the batch, as indices into Inputs::lengths; the longest comes first.
using Chunk = std::vector<std::size_t>;

// Scores, their softmax and room for what the allocator splits off; rows of q, k, v in two layouts.
std::size_t temporary_bytes(const MhaConfig& config, std::int64_t length) {
  const auto scores = 3 * config.heads * length * length;
  const auto rows = 10 * config.embed_dim * length;
  return static_cast<std::size_t>(scores + rows) * sizeof(double);
}

// Sequences of like length share a chunk, so that little of its padding is computed for nothing.
std::vector<Chunk> chunks_of(const MhaConfig& config, const std::vector<std::int64_t>& lengths,
                             std::size_t chunk_bytes) {
  Chunk order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  std::vector<Chunk> chunks;
  std::size_t capacity = 0;
  for (const std::size_t sequence : order) {
    if (chunks.empty() || chunks.back().size() == capacity) {
      chunks.emplace_back();
      capacity = std::max<std::size_t>(1, chunk_bytes / temporary_bytes(config, lengths[sequence]));
    }
    chunks.back().push_back(sequence);
  }
  return chunks;
}

// Where a chunk's tokens stand, (tokens) int64 on the device: in the packed batch, and in the chunk
// padded to its longest.
struct Places {
  at::Tensor packed;
  at::Tensor padded;
};

// Of all chunks in one copy: one for each would wait for the chunk before it to be computed.
std::vector<Places> places_of(const std::vector<Chunk>& chunks,
                              const std::vector<std::int64_t>& lengths, c10::Device device) {
  std::vector<std::int64_t> starts(lengths.size());
  std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), std::int64_t{0});
  std::vector<std::int64_t> packed, padded, counts;
  for (const Chunk& chunk : chunks) {
    const std::size_t before = packed.size();
    std::int64_t slot = 0;
    for (const std::size_t sequence : chunk) {
      for (std::int64_t i = 0; i < lengths[sequence]; ++i) {
        packed.push_back(starts[sequence] + i);
        padded.push_back(slot + i);
      }
      slot += lengths[chunk.front()];
    }
    counts.push_back(static_cast<std::int64_t>(packed.size() - before));
  }
  const auto tokens = static_cast<std::int64_t>(packed.size());
  packed.insert(packed.end(), padded.begin(), padded.end());
  const at::Tensor both = at::tensor(packed, at::kLong).view({2, tokens}).to(device);
  const std::vector<at::Tensor> in_batch = both[0].split_with_sizes(counts);
  const std::vector<at::Tensor> in_chunk = both[1].split_with_sizes(counts);
  std::vector<Places> places;
  for (std::size_t i = 0; i < chunks.size(); ++i) places.push_back({in_batch[i], in_chunk[i]});
  return places;
}

// x W + b. Not addmm: cuBLAS takes fp64 with a bias through a kernel of half the speed (29 against
// 58 TFLOP/s on an H100, cuBLAS 13.1), and the product is most of what a reference costs.
at::Tensor linear(const at::Tensor& x, const at::Tensor& transposed_weight,
                  const at::Tensor& bias) {
  return at::mm(x, transposed_weight).add_(bias);
}

// (n * length, 3 * embed_dim) -> (n * length, embed_dim); `slots` are the rows that hold tokens.
at::Tensor attend(const at::Tensor& qkv, const at::Tensor& slots, std::int64_t n,
                  std::int64_t heads) {
  const std::int64_t length = qkv.size(0) / n;
  const std::int64_t head_dim = qkv.size(1) / (3 * heads);
  const at::Tensor parts =
      qkv.view({n, length, 3, heads, head_dim}).permute({2, 0, 3, 1, 4}).contiguous();
  const at::Tensor q = parts[0].flatten(0, 1);
  const at::Tensor k = parts[1].flatten(0, 1);
  const at::Tensor v = parts[2].flatten(0, 1);
  const double scale = 1.0 / std::sqrt(static_cast<double>(head_dim));
  at::Tensor scores = at::baddbmm(at::empty({1, 1, 1}, qkv.options()), q, k.transpose(1, 2),
                                  /*beta=*/0, /*alpha=*/scale)
                          .view({n, heads, length, length});
  if (slots.size(0) < qkv.size(0)) {
    const at::Tensor no_tokens =
        at::full({n * length}, -std::numeric_limits<double>::infinity(), qkv.options());
    scores += no_tokens.index_fill_(0, slots, 0).view({n, 1, 1, length});
  }
  return at::bmm(at::softmax(scores, -1).flatten(0, 1), v)
      .view({n, heads, length, head_dim})
      .transpose(1, 2)
      .reshape({n * length, heads * head_dim});
}

}  // namespace

Reference make_reference(const MhaConfig& config, const Inputs& inputs, const Weights& weights,
                         std::size_t chunk_bytes) {
  const at::Device device = inputs.packed.device();
  const auto exact = at::TensorOptions().device(device).dtype(at::kDouble);
  const ExactWeights w(weights);
  const std::vector<Chunk> chunks = chunks_of(config, inputs.lengths, chunk_bytes);
  const std::vector<Places> places = places_of(chunks, inputs.lengths, device);

  Reference reference;
  reference.output = at::empty({inputs.packed.size(0), config.embed_dim}, exact);
  reference.attention_norms = at::empty({inputs.packed.size(0)}, exact);
  reference.weight_norms = w.out_proj.norm(2, 0);
  at::Tensor values_squared = at::zeros({}, exact);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const Chunk& chunk = chunks[i];
    const at::Tensor& tokens = places[i].packed;
    const at::Tensor& slots = places[i].padded;
    const auto n = static_cast<std::int64_t>(chunk.size());
    const std::int64_t padded_rows = n * inputs.lengths[chunk.front()];

    const at::Tensor x = inputs.packed.index_select(0, tokens).to(at::kDouble);
    const at::Tensor projected = linear(x, w.in_proj, w.in_bias);
    values_squared += projected.narrow(1, 2 * config.embed_dim, config.embed_dim).square().sum();
    const at::Tensor qkv =
        at::zeros({padded_rows, 3 * config.embed_dim}, exact).index_copy_(0, slots, projected);
    const at::Tensor o = attend(qkv, slots, n, config.heads).index_select(0, slots);
    reference.output.index_copy_(0, tokens, linear(o, w.out_proj, w.out_bias));
    reference.attention_norms.index_copy_(0, tokens, o.norm(2, 1));
  }
  reference.output_norm = reference.output.norm();
  reference.value_norm = (values_squared / inputs.packed.size(0)).sqrt();
  return reference;
}

std::size_t default_chunk_bytes(c10::Device device) {
  return std::size_t{device.is_cpu() ? 64U : 1024U} << 20;
}

}  // namespace mhabench
