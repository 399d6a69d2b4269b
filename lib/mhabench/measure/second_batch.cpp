#include "mhabench/measure/second_batch.h"

#include <algorithm>

#include "mhabench/config/lengths.h"

namespace mhabench {

std::vector<std::int64_t> second_lengths(const MhaConfig& config, std::uint64_t seed,
                                         std::int64_t capacity) {
  constexpr std::uint64_t kDraws = 16;  // about every other one fits
  std::vector<std::int64_t> first = make_lengths(config, seed);
  for (std::uint64_t i = 1; i <= kDraws; ++i) {
    std::vector<std::int64_t> lengths =
        make_lengths(config, seed ^ i);  // a seed as allowed as the first
    if (lengths == first) break;
    if (stats_of(lengths, config.seq_len).tokens <= capacity) return lengths;
  }
  std::ranges::reverse(first);
  return first;
}

}  // namespace mhabench
