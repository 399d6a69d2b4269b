#include "mhabench/inputs/rotation.h"

#include <algorithm>

#include <ATen/ATen.h>

namespace mhabench {
std::size_t sets_to_rotate(std::size_t bytes, std::size_t cache_bytes) {
  constexpr std::size_t kFewest = 2;
  return std::max(kFewest, 2 * cache_bytes / std::max<std::size_t>(bytes, 1) + 1);
}

std::vector<Operands> copies_of(const Inputs& inputs, const Weights& weights, std::size_t count) {
  std::vector<Operands> copies;
  copies.reserve(count);
  while (copies.size() < count) copies.push_back({copy_of(inputs), copy_of(weights)});
  return copies;
}

std::size_t least_bytes_read(const Inputs& inputs, const Weights& weights) {
  return inputs.packed.nbytes() + weights.bytes();
}

}  // namespace mhabench
