#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mhabench {

/// The items that share a key, as pointers, in their order; groups in the order of their first
/// items. The items outlive them.
template <typename Item, typename KeyOf>
std::vector<std::vector<const Item*>> grouped(const std::vector<Item>& items, KeyOf key_of) {
  using Key = std::decay_t<std::invoke_result_t<KeyOf&, const Item&>>;
  std::vector<std::vector<const Item*>> groups;
  std::unordered_map<Key, std::size_t> index;
  for (const Item& item : items) {
    const auto [at, is_new] = index.try_emplace(std::invoke(key_of, item), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(&item);
  }
  return groups;
}

}  // namespace mhabench
