#pragma once

#include <cstddef>
#include <vector>

#include "mhabench/inputs/tensors.h"

namespace mhabench {

/// What one call of the layer reads.
struct Operands {
  Inputs inputs;
  Weights weights;
};

/// How many sets of operands a loop must cycle through so that none of a set is left in a cache of
/// `cache_bytes` when its turn comes again: together more than twice the cache, and at least 2.
/// `bytes` is the least that a call reads of a set.
std::size_t sets_to_rotate(std::size_t bytes, std::size_t cache_bytes);

/// `count` copies of the same values in memory of their own.
std::vector<Operands> copies_of(const Inputs& inputs, const Weights& weights, std::size_t count);

/// The least that any path reads of a set: the tokens alone, not their padding, and the weights.
std::size_t least_bytes_read(const Inputs& inputs, const Weights& weights);

}  // namespace mhabench
