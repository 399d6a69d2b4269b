#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mhabench/compare/noise.h"
#include "mhabench/results/benchmark_file.h"

namespace mhabench {

/// Which of a row's times is meant. busy: `busy_us`, what the GPU works for a call. event: what a
/// loop of calls sees, `event_us_median` where it is there, else `real_time`.
enum class Clock { busy, event };

/// "busy", "event".
std::string_view name_of(Clock clock);

/// A row as all runs of one side have it. Counts are of runs.
struct RunsRow {
  std::string name;
  std::string path;
  std::size_t present = 0;
  std::size_t wrong = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::size_t right = 0;                ///< measured, and the output right
  std::string message;                  ///< of the first run that failed or skipped it
  Times busy, event_median, real_time;  ///< logarithms of us, by run; of right runs alone

  std::size_t measured() const { return present - failed - skipped; }

  /// Whether all right runs have an event median.
  bool has_medians() const { return known(event_median) == right; }

  /// By a clock; the event clock's medians where asked for, else its real times.
  const Times& times(Clock clock, bool by_median) const;
};

/// The rows of one side of a comparison, in the order of their first appearance.
struct Runs {
  std::vector<std::string> files;
  std::size_t count = 0;
  bool within_process = false;  ///< the runs are one file's repetitions
  bool by_median = false;       ///< a file is a run, and some row's repetitions in it one time
  std::vector<RunsRow> rows;
};

/// What counts as a run of a side with one file.
enum class OneFile {
  repetitions,  ///< each of its repetitions, where the other side has one file too
  whole,        ///< the file, as where the other side has several, or a noise model tells of runs
};

/// Each of several files is one run; a row's value in it is the median of its repetitions. If a
/// file holds only aggregates of a row, its median counts as one run, or its mean if there is no
/// median. That run is wrong if any of the aggregates has errors. Throws InputError that names the
/// file if it holds no row to compare.
Runs runs_of(const std::vector<BenchmarkFile>& files, OneFile one_file = OneFile::repetitions);

}  // namespace mhabench
