#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mhabench/config/config.h"
#include "mhabench/results/row.h"

namespace mhabench {

/// What the rows of one path say of one configuration; repetitions are taken together.
struct PathSummary {
  std::optional<double> us;  ///< median of the repetitions' times; absent where none was measured
  int wrong = 0;             ///< measured rows with a wrong output
  int failed = 0;            ///< rows that ended in an exception
};

/// One configuration with the two paths of the script side by side.
struct Pair {
  MhaConfig config;
  double padding = 0;
  std::optional<PathSummary> slow, fast;  ///< absent where the path was not run
  int disagreements = 0;  ///< times that fast and slow differed by more than the script allows

  /// Time of slow over time of fast; absent unless both were measured.
  std::optional<double> speedup() const;
};

/// The rows of the paths "slow" and "fast" by configuration, in the order of their first rows.
std::vector<Pair> pair_rows(const std::vector<Row>& rows);

/// The speed-ups taken together.
struct SpeedupSummary {
  std::size_t count = 0;      ///< of pairs with both times
  double geomean = 0;         ///< meaningful where count > 0
  std::size_t under_one = 0;  ///< how many pairs have slow faster than fast
};

SpeedupSummary summarize(const std::vector<Pair>& pairs);

}  // namespace mhabench
