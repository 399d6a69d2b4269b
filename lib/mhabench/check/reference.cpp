#include "mhabench/check/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

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

// Found on the CPU for fp16 and bf16, where at::linear adds some biases after the product.
constexpr double kShared = 0.09;
// Directions in which q and v of few dimensions move together.
constexpr double kSharedDirections = 4;

// Squared parameters in the dtype of the magnitudes, which need no more digits than two.
struct Squares {
  Squares(const Weights& w, at::ScalarType dtype)
      : in_proj(square(w.in_proj_weight, dtype).t()),
        in_bias(square(w.in_proj_bias, dtype)),
        out_proj(square(w.out_proj_weight, dtype).t()) {}

  static at::Tensor square(const at::Tensor& t, at::ScalarType dtype) {
    return t.to(dtype).square();
  }

  at::Tensor in_proj, in_bias, out_proj;
};

// Matrix units take the one, processors without them the other.
at::ScalarType magnitude_type(c10::Device device) {
  return device.is_cuda() ? at::kBFloat16 : at::kFloat;
}

// Some sequences of the batch, as indices into Inputs::lengths; the longest comes first.
using Chunk = std::vector<std::size_t>;

// Scores, their softmax, its squares and room for what the allocator splits off; rows of q, k, v
// and their magnitudes in two layouts.
std::size_t temporary_bytes(const MhaConfig& config, std::int64_t length) {
  const auto scores = 4 * config.heads * length * length;
  const auto rows = 16 * config.embed_dim * length;
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

// q, k, v as (n * heads, length, head_dim) each, of rows (n * length, 3 * embed_dim).
struct Heads {
  Heads(const at::Tensor& qkv, std::int64_t n, std::int64_t heads) {
    const std::int64_t length = qkv.size(0) / n;
    const std::int64_t head_dim = qkv.size(1) / (3 * heads);
    const at::Tensor parts =
        qkv.view({n, length, 3, heads, head_dim}).permute({2, 0, 3, 1, 4}).contiguous();
    q = parts[0].flatten(0, 1);
    k = parts[1].flatten(0, 1);
    v = parts[2].flatten(0, 1);
  }

  at::Tensor q, k, v;
};

// (n * heads, length, head_dim) -> (n * length, embed_dim)
at::Tensor rows_of(const at::Tensor& by_head, std::int64_t n) {
  return by_head.unflatten(0, {n, -1})
      .transpose(1, 2)
      .reshape({n * by_head.size(1), by_head.size(0) / n * by_head.size(2)});
}

// The softmax's weights, (n * heads, length, length); `slots` are the rows that hold tokens.
at::Tensor attention_weights(const Heads& heads, const at::Tensor& slots, std::int64_t n) {
  const std::int64_t length = heads.q.size(1);
  const double scale = 1.0 / std::sqrt(static_cast<double>(heads.q.size(2)));
  at::Tensor scores = at::baddbmm(at::empty({1, 1, 1}, heads.q.options()), heads.q,
                                  heads.k.transpose(1, 2), /*beta=*/0, /*alpha=*/scale);
  if (slots.size(0) < n * length) {
    const at::Tensor no_tokens =
        at::full({n * length}, -std::numeric_limits<double>::infinity(), heads.q.options());
    scores.view({n, -1, length, length}) +=
        no_tokens.index_fill_(0, slots, 0).view({n, 1, 1, length});
  }
  return at::softmax(scores, -1);
}

// Reference::deviation's squares as far as the attention's output, (n * length, embed_dim), without
// what is rounded of that output itself. `squared` are the squares of M_q, M_k, M_v.
at::Tensor carried(const at::Tensor& weights, const Heads& squared, const at::Tensor& mean_square,
                   std::int64_t n) {
  const std::int64_t heads = squared.v.size(0) / n;
  const std::int64_t head_dim = squared.v.size(2);
  const double shared = std::min(1.0, kSharedDirections / static_cast<double>(heads * head_dim));
  const auto norm = [](const at::Tensor& t) { return at::linalg_vector_norm(t, 2, {-1}, true); };
  const at::Tensor scores = norm(squared.q).to(at::kFloat) *
                            norm(squared.k).amax(1, /*keepdim=*/true).to(at::kFloat) /
                            static_cast<double>(head_dim);
  const at::Tensor independent =
      at::bmm(weights.to(squared.v.scalar_type()).square_(), squared.v).to(at::kFloat);
  const at::Tensor mean = mean_square.to(at::kFloat)
                              .view({1, heads, 1, head_dim})
                              .expand({n, -1, -1, -1})
                              .flatten(0, 1);
  return rows_of(independent * (scores + 1) + mean * (scores * shared + kShared * kShared), n);
}

}  // namespace

Reference make_reference(const MhaConfig& config, const Inputs& inputs, const Weights& weights,
                         std::size_t chunk_bytes) {
  const at::NoGradGuard no_grad;
  const at::Device device = inputs.packed.device();
  const auto exact = at::TensorOptions().device(device).dtype(at::kDouble);
  const ExactWeights w(weights);
  const std::vector<Chunk> chunks = chunks_of(config, inputs.lengths, chunk_bytes);
  const std::vector<Places> places = places_of(chunks, inputs.lengths, device);
  const at::ScalarType magnitudes = magnitude_type(device);
  const Squares squares(weights, magnitudes);

  Reference reference;
  reference.output = at::empty({inputs.packed.size(0), config.embed_dim}, exact);
  reference.deviation = at::empty(reference.output.sizes(), exact.dtype(at::kFloat));
  reference.out_bias = w.out_bias;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const at::Tensor& tokens = places[i].packed;
    const at::Tensor& slots = places[i].padded;
    const auto n = static_cast<std::int64_t>(chunks[i].size());
    const std::int64_t padded_rows = n * inputs.lengths[chunks[i].front()];
    const auto by_head = [&](const at::Tensor& rows) {
      return Heads(
          at::zeros({padded_rows, rows.size(1)}, rows.options()).index_copy_(0, slots, rows), n,
          config.heads);
    };

    const at::Tensor x = inputs.packed.index_select(0, tokens);
    const Heads qkv = by_head(linear(x.to(at::kDouble), w.in_proj, w.in_bias));
    const at::Tensor softmax = attention_weights(qkv, slots, n);
    const at::Tensor o = rows_of(at::bmm(softmax, qkv.v), n).index_select(0, slots);
    reference.output.index_copy_(0, tokens, linear(o, w.out_proj, w.out_bias));

    const at::Tensor squared =
        linear(Squares::square(x, magnitudes), squares.in_proj, squares.in_bias);
    const at::Tensor handed_on =
        carried(softmax, by_head(squared),
                squared.mean(0).narrow(0, 2 * config.embed_dim, config.embed_dim), n)
            .index_select(0, slots)
            .add_(o.square());
    reference.deviation.index_copy_(
        0, tokens, at::mm(handed_on.to(magnitudes), squares.out_proj).to(at::kFloat).sqrt_());
  }
  reference.output_norm = reference.output.norm();
  return reference;
}

std::size_t default_chunk_bytes(c10::Device device) {
  return std::size_t{device.is_cpu() ? 64U : 1024U} << 20;
}

}  // namespace mhabench
