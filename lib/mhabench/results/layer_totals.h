#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mhabench/results/contenders.h"

namespace mhabench {

/// How many layers share one packing and one unpacking: a layer alone, and a model of twelve.
inline constexpr std::array<int, 2> kLayerCounts{1, 12};

/// Time in us of `layers` calls between one packing of the padded batch and one unpacking, all by
/// the event clock, by which packing is timed. Absent where a part of it is unknown or the path is
/// wrong.
std::optional<double> layer_total_us(const Contender& contender, int layers);

/// The totals of the base and of a path on one configuration.
struct TotalsAtPadding {
  double padding = 0;
  double base_us = 0;
  double path_us = 0;
};

/// From how much padding on a path beats its base.
struct BreakEven {
  enum class Kind {
    always,  ///< at every padding that was measured
    from,    ///< from `padding` on, and at every larger one that was measured
    never    ///< not at the largest
  };
  Kind kind = Kind::never;
  double padding = 0;  ///< the difference's zero, on a straight line between its neighbours
};

/// Of a series over paddings in any order, at least one. The largest padding at which the path does
/// not win decides, whatever happens below it.
BreakEven break_even(std::vector<TotalsAtPadding> series);

/// "always", "never", "0.12".
std::string text_of(const BreakEven& break_even);

/// What stands below the table of paths where packing was timed: which path comes to the least
/// total on each configuration for each of kLayerCounts, and for each series of configurations that
/// differ in their lengths alone the padding from which a ragged path (one that executes fewer
/// FLOPs than slow where there is padding) beats slow. Lines are at most `width` columns wide as
/// far as columns can be told apart into blocks. Empty where no path but slow has a total, or slow
/// has none.
std::string layer_totals(const Contenders& contenders, std::size_t width);

}  // namespace mhabench
