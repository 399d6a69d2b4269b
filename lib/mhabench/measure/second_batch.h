#pragma once

#include <cstdint>
#include <vector>

#include "mhabench/config/config.h"

namespace mhabench {

/// Lengths for the batch after the one of make_lengths(config, seed), for a call that takes at most
/// `capacity` tokens, the first batch's at least: the first of some further draws that fits; where
/// none does, or the source gives one batch alone, the same lengths from last to first.
std::vector<std::int64_t> second_lengths(const MhaConfig& config, std::uint64_t seed,
                                         std::int64_t capacity);

}  // namespace mhabench
