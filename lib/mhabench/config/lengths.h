#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mhabench/config/config.h"

namespace mhabench {

/// The betas that lengths can be drawn for. Beyond them a batch of any useful size is all seq_len
/// or all as short as can be.
inline constexpr Decimal kMinBeta = Decimal::from_units(1'000);                  // 0.000001
inline constexpr Decimal kMaxBeta = Decimal::from_units(1'000'000'000'000'000);  // 1000000

/// Throws InputError that names the axis where `beta` is outside kMinBeta to kMaxBeta.
void check_beta(Decimal beta);

/// What make_lengths would refuse, without drawing: batch or seq_len below 1; for the kinds script
/// and beta a beta that is absent or outside its range; for script a seed above 2^32 - 1, which
/// NumPy takes none of; for replayed other than `batch` lengths from 1 to seq_len. Throws
/// InputError that names the axis.
void check_lengths(const MhaConfig& config, std::uint64_t seed);

/// The lengths of one batch, in tokens: `batch` values from 1 to seq_len. They depend on the batch,
/// seq_len, source of lengths and `seed` alone, and are the same on every machine.
///
/// script    the lengths of better_transformer_vs_mha_functional.py, bit for bit:
///           floor(X * (seq_len + 1) / 2) * 2 with X from Beta(1, beta), at least 2 and, which the
///           script leaves open for an odd seq_len, at most seq_len. Then one sequence of the
///           batch, each as likely, gets seq_len. X comes out of NumPy's legacy stream and the one
///           sequence out of Python's, both seeded with `seed`, as the script does with 26214.
/// beta      the same rule with X as Boost.Math's quantile of a 53-bit uniform out of
///           mt19937_64(seed), which gives the one sequence too, and X below 1: no length but that
///           of the one is above seq_len - 1 where that is odd.
/// full      seq_len throughout.
/// uniform   each integer from 1 to seq_len as likely; then one sequence gets seq_len, as in beta.
/// replayed  the lengths that the configuration carries.
///
/// Throws InputError as check_lengths does.
std::vector<std::int64_t> make_lengths(const MhaConfig& config, std::uint64_t seed);

/// What follows from the lengths of a batch.
struct LengthStats {
  std::int64_t tokens = 0;
  double sum_len_sq = 0;  ///< Exact below 2^53; a double because a hostile file overflows 2^63.
  double padding = 0;     ///< Share of the batch x seq_len positions that are padding, 0 to 1.

  friend bool operator==(const LengthStats&, const LengthStats&) = default;
};

/// `lengths` holds at least one length; none is above `seq_len`.
LengthStats stats_of(std::span<const std::int64_t> lengths, std::int64_t seq_len);

}  // namespace mhabench
