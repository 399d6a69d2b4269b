#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mhabench/config/config.h"
#include "mhabench/results/row.h"

namespace mhabench {

/// What the rows of one path say of one configuration; repetitions are taken together.
struct PathSummary {
  /// Median of the repetitions' times, where paths took turns that of all samples; absent where
  /// none was measured.
  std::optional<double> us;
  std::optional<double> busy_us;  ///< the same of the GPU's busy time
  bool host_limited = false;      ///< in each row that was measured (see row.h)
  int wrong = 0;                  ///< measured rows with a wrong output
  int failed = 0;                 ///< rows that ended in an exception

  /// Whether every row that was measured is right, and none failed: a wrong result keeps its time,
  /// but wins nothing and counts in no mean.
  bool right() const { return wrong == 0 && failed == 0; }
};

/// Rows of one configuration or of one path of it.
using RowGroup = std::vector<const Row*>;

/// Rows by configuration, in the order of their first rows.
std::vector<RowGroup> by_config(const std::vector<Row>& rows);

/// Those of a configuration's rows that are a path's.
RowGroup of_path(const RowGroup& rows, std::string_view path);

/// Of rows of one path and configuration; absent where there are none.
std::optional<PathSummary> summary_of(const RowGroup& rows);

/// The median of a field; absent where no row has it.
std::optional<double> median_of(const RowGroup& rows, std::optional<double> Row::*field);

/// Time of the base over time of a path; absent unless both are known.
std::optional<double> ratio_of(const std::optional<double>& base,
                               const std::optional<double>& path);

/// How much less time a path takes than a base, from rounds in which both took turns.
struct PairRatio {
  std::string base, path;
  MhaConfig config;
  std::string clock;  ///< "event" or "busy"
  double ratio = 1;   ///< time of the base over time of the path
  double low = 1;     ///< the ratio's interval of 95 %
  double high = 1;    ///< its other end
  std::size_t rounds = 0;
  std::string verdict;  ///< the faster path's name, or "undecided" where the interval holds 1
};

/// One configuration with the two paths of the script side by side.
struct Pair {
  MhaConfig config;
  double padding = 0;
  std::optional<PathSummary> slow, fast;  ///< absent where the path was not run
  int disagreements = 0;  ///< times that fast and slow differed by more than the script allows
  std::optional<PairRatio> event_ratio, busy_ratio;  ///< of fast over slow, where there were rounds

  /// Time of slow over time of fast, by the rounds where there were some; absent unless both were
  /// measured and are right.
  std::optional<double> speedup() const;
  /// The same of the GPU's busy time.
  std::optional<double> busy_speedup() const;
};

/// The rows of the paths "slow" and "fast" by configuration, in the order of their first rows.
std::vector<Pair> pair_rows(const std::vector<Row>& rows);

/// Enters the ratios of fast over slow into the pairs of their configurations.
void enter_ratios(const std::vector<PairRatio>& ratios, std::vector<Pair>& pairs);

/// The speed-ups taken together.
struct SpeedupSummary {
  std::size_t count = 0;      ///< of pairs that have one
  double geomean = 0;         ///< meaningful where count > 0
  std::size_t under_one = 0;  ///< how many pairs have slow faster than fast
};

/// Of the times, or of the GPU's busy times.
SpeedupSummary summarize(const std::vector<Pair>& pairs);
SpeedupSummary summarize_busy(const std::vector<Pair>& pairs);

}  // namespace mhabench
