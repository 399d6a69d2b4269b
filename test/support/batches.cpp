#include "support/batches.h"

#include <algorithm>
#include <iterator>

namespace mhabench::test {

const std::vector<Batch>& odd_batches() {
  static const std::vector<Batch> batches{
      {"one_sequence", {40}, 64, 8},
      {"one_token", {1}, 64, 4},
      {"tokens_of_one", {1, 1, 1}, 64, 2},
      {"one_among_longer", {1, 33, 7}, 128, 4},
      {"all_full", {48, 48, 48, 48}, 128, 8},
      {"one_long_rest_short", {200, 2, 4, 2, 6, 2}, 128, 2},
      {"primes", {61, 37, 13, 5, 59}, 256, 4},
      {"head_dim_8", {32, 50, 64}, 64, 8},
      {"head_dim_12_odd_heads", {32, 50, 64}, 60, 5},
      {"odd_heads", {7, 50, 19}, 48, 3},
      {"head_dim_16", {32, 50, 64}, 128, 8},
      {"head_dim_32", {90, 64, 3}, 256, 8},
      {"head_dim_64", {90, 64, 3}, 512, 8},
      {"head_dim_128", {33, 90, 64}, 512, 4},
      {"wide", {130, 70}, 1024, 16},
      {"long", {700, 300, 20}, 256, 8},
  };
  return batches;
}

MhaConfig config_of(const Batch& batch, Dtype dtype) {
  return {dtype,
          std::ssize(batch.lengths),
          *std::max_element(batch.lengths.begin(), batch.lengths.end()),
          batch.embed_dim,
          batch.heads,
          {LengthsKind::replayed, std::nullopt, batch.name, 1, batch.lengths}};
}

Case make_case(const Batch& batch, Dtype dtype, c10::Device device, std::uint64_t seed) {
  const MhaConfig config = config_of(batch, dtype);
  return {config, make_inputs(config, batch.lengths, device, seed),
          make_weights(config, device, seed)};
}

}  // namespace mhabench::test
