#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mhabench/config/config.h"

namespace mhabench {

/// More shares than any cluster has GPUs.
inline constexpr int kMaxShards = 100'000;

/// One of `of` shares of a sweep, counted from 1.
struct Shard {
  int index = 1;
  int of = 1;

  friend bool operator==(const Shard&, const Shard&) = default;
};

/// Reads "2/8", the second of eight. Throws InputError on anything else, on an index of 0 or above
/// the number of shares, and beyond kMaxShards.
Shard parse_shard(std::string_view text);

/// "2/8".
std::string text_of(const Shard& shard);

/// What a row is reckoned to cost, for shares of about equal time: the FLOPs that its path executes
/// in a call, padding included where it `computes_padding`, plus a constant for what every row
/// costs whatever its size (set-up, a timed batch of a fixed length, launches), in millions of
/// FLOPs. Lengths that are drawn count as their expectation. It follows from the row's name and the
/// kind of device alone, so that every share of a sweep comes to the same plan.
std::uint64_t predicted_cost(const MhaConfig& config, bool computes_padding, bool on_gpu);

/// Which share, from 0 to shares - 1, each of the groups goes to: the dearest first, to the share
/// with the least so far (longest processing time first, Graham 1969: within a third of the best
/// split). Ties go by order. O(n log n).
std::vector<int> balanced_shares(const std::vector<std::uint64_t>& costs, int shares);

/// Ascending indices as ranges: {0, 1, 2, 7} as "0-2,7"; "" for none.
std::string text_of_indices(const std::vector<std::size_t>& indices);

/// Reads such a text. Throws InputError where it is malformed, where indices do not ascend, and for
/// one that is not below `limit`.
std::vector<std::size_t> parse_indices(std::string_view text, std::size_t limit);

}  // namespace mhabench
