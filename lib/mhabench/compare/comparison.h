#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mhabench/compare/noise_model.h"
#include "mhabench/compare/path_ratio.h"
#include "mhabench/compare/runs.h"
#include "mhabench/results/benchmark_file.h"
#include "mhabench/results/context_keys.h"

namespace mhabench {

/// What is asked of a comparison.
struct ComparisonSettings {
  double threshold = 0.02;       ///< a slowdown of this share or less is none
  double discovery_rate = 0.05;  ///< expected share of false ones among the rows called
  std::vector<Clock> clocks{Clock::busy, Clock::event};
  bool force = false;   ///< compare what differs in GPU, dtype, lengths or seed
  bool common = false;  ///< leave out rows that only one side has measured
};

/// What can be said of a row by one clock.
enum class TimeVerdict { same, faster, slower, undecided };

/// One row by one clock. base_us and next_us are geometric means over the runs.
struct TimeComparison {
  Clock clock = Clock::event;
  double base_us = 0, next_us = 0;
  std::optional<Interval> interval;  ///< 95 %, of the ratio; absent where noise is unknown
  std::optional<double> deviation;   ///< of one run, as a share of the time
  double freedom = 0;                ///< degrees of freedom of that
  std::optional<double> p_slower, p_faster;
  std::optional<double> rate_slower, rate_faster;  ///< the same, adjusted for all rows and clocks
  TimeVerdict verdict = TimeVerdict::undecided;

  double ratio() const { return next_us / base_us; }
};

/// What became of a row. A row that was measured and is skipped now is missing.
enum class RowState {
  compared,      ///< right in NEW and in some runs of BASE; by the times of those
  added,         ///< in NEW alone
  missing,       ///< in BASE, and not (or not in every run of) NEW
  failed,        ///< in both
  newly_failed,  ///< in NEW, not in BASE
  wrong,
  newly_wrong,
  skipped,   ///< in NEW, and not measured in BASE
  repaired,  ///< failed, wrong or skipped in all of BASE, right in NEW: a time to start from
};

struct RowComparison {
  std::string name;
  std::string path;
  RowState state = RowState::compared;
  std::string note;                   ///< why, where there is more to say
  std::vector<TimeComparison> times;  ///< of the clocks that both sides have; state compared alone

  bool is_worse() const;
  bool is_undecided() const;
};

/// The rows of a path by one clock, taken together.
struct PathComparison {
  std::string path;
  Clock clock = Clock::event;
  std::size_t rows = 0;      ///< compared by this clock
  std::size_t complete = 0;  ///< of these, rows that have all runs
  PathRatio ratio;           ///< over the complete rows
  std::map<TimeVerdict, std::size_t> verdicts;

  std::size_t count(TimeVerdict verdict) const;
};

struct Comparison {
  ComparisonSettings settings;
  Runs base, next;
  std::vector<Difference> forced;   ///< would have been refused
  std::vector<Difference> changed;  ///< of versions, machines, settings: to be known
  bool noise_from_model = false;
  bool noise_known = false;         ///< for any row
  std::vector<RowComparison> rows;  ///< in the order of BASE, then of NEW
  std::size_t left_out = 0;         ///< rows that `common` took out of them
  std::vector<PathComparison> paths;

  std::size_t count(RowState state) const;
  std::size_t worse() const;
  std::size_t undecided() const;
};

/// Whether a row of this state is worse whatever its times: missing, failed or wrong.
bool is_worse(RowState state);

/// "same", "faster", "slower", "undecided".
std::string_view name_of(TimeVerdict verdict);
/// "compared", "new", "missing", "failed", "newly failed", "wrong", "newly wrong", "skipped",
/// "repaired".
std::string_view name_of(RowState state);

/// Compares NEW with BASE, row by row and clock by clock, on logarithms of times.
///
/// The replicate is the run: a file, or a repetition where each side is one file and there is no
/// model; elsewhere a file's repetitions are one time, their median. A row's variance between runs
/// is shrunk to that of its path and decade of time, with what a run moves in common kept apart
/// (see Noise). slower: that its slowdown is at most the threshold is rejected by a one-sided t
/// test, at the false discovery rate over all rows by all clocks asked for, one family (Benjamini
/// and Hochberg); faster: the mirrored one, over the same. same: it lies within the threshold by
/// two one-sided tests at 5 % each. Where no noise is known, because each side has one run and
/// there is no model for the row, a row within the threshold is the same and one beyond it
/// undecided. On rows where a clock is missing in a side nothing is said by it; a row that no
/// asked-for clock has on both sides is undecided.
///
/// Throws InputError where the files are not comparable (another GPU, dtype, lengths or seed, and
/// no force), where one file stands twice on a side, where they share no row, where no row was
/// measured in both (and none is worse or repaired), or where no row has any of the clocks.
Comparison compare(const std::vector<BenchmarkFile>& base, const std::vector<BenchmarkFile>& next,
                   const ComparisonSettings& settings, const NoiseModel* model = nullptr);

}  // namespace mhabench
