#include "mhabench/work/work.h"

namespace mhabench {
namespace {

double element_bytes(Dtype dtype) { return dtype == Dtype::fp32 ? 4 : 2; }

LengthSums padded_lengths(const MhaConfig& config) {
  const auto batch = static_cast<double>(config.batch);
  const auto seq_len = static_cast<double>(config.seq_len);
  return {batch * seq_len, batch * seq_len * seq_len};
}

// Attention takes the tokens by their lengths; the linear maps take every row.
LengthSums with_room(const LengthSums& lengths) {
  const auto tokens = static_cast<std::int64_t>(lengths.tokens);
  return {static_cast<double>(room_for(tokens)), lengths.sum_len_sq};
}

}  // namespace

std::int64_t room_for(std::int64_t tokens) {
  constexpr std::int64_t kGranule = 256;
  return (tokens + kGranule - 1) / kGranule * kGranule;
}

LayerWork useful_work(const MhaConfig& config, const LengthSums& lengths) {
  const auto width = static_cast<double>(config.embed_dim);
  const auto heads = static_cast<double>(config.heads);
  const double size = element_bytes(config.dtype);
  const double activations = lengths.tokens * width;  // elements of a (tokens, embed_dim)
  const double weights = width * width;
  LayerWork work;
  work.in_projection = {6 * activations * width, size * (4 * activations + 3 * weights), 0};
  work.attention = {4 * width * lengths.sum_len_sq, size * 4 * activations,
                    heads * lengths.sum_len_sq};
  work.out_projection = {2 * activations * width, size * (2 * activations + weights), 0};
  return work;
}

double working_set_bytes(const MhaConfig& config, const LengthSums& lengths) {
  const auto width = static_cast<double>(config.embed_dim);
  return element_bytes(config.dtype) * (6 * lengths.tokens * width + 4 * width * width);
}

double executed_flops(const MhaConfig& config, const LengthSums& lengths, Executes executes,
                      bool fused) {
  const LayerWork packed = useful_work(config, lengths);
  const LayerWork padded = useful_work(config, padded_lengths(config));
  switch (executes) {
    case Executes::padded:
      return padded.flops();
    case Executes::packed:
      return packed.flops();
    case Executes::packed_room:
      return useful_work(config, with_room(lengths)).flops();
    case Executes::nested:
      return fused ? packed.flops()
                   : packed.in_projection.flops + padded.attention.flops +
                         packed.out_projection.flops;
  }
  return 0;
}

}  // namespace mhabench
