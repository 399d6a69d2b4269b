#pragma once

#include <optional>
#include <vector>

#include "mhabench/base/statistics.h"
#include "mhabench/compare/noise.h"

namespace mhabench {

/// NEW over BASE, the geometric mean over rows.
struct PathRatio {
  double ratio = 1;
  std::optional<Interval> interval;  ///< 95 %; absent if the noise is unknown
};

/// Of rows of one path, at least one, that have all runs. The interval is Student's t over the
/// runs' own geometric means and what the model, which may be null, knows of them.
PathRatio path_ratio(const std::vector<const RowTimes*>& rows, const NoiseGroups* model);

}  // namespace mhabench
