#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mhabench/base/statistics.h"

namespace mhabench {

/// A variance and the degrees of freedom that it rests on; with none it is unknown.
struct Variance {
  double value = 0;
  double freedom = 0;
};

/// What many variances have in common: that of a scaled inverse chi-square distribution they were
/// drawn from, its two parameters by the moments of their logarithms (Smyth 2004, Linear models and
/// empirical Bayes methods for assessing differential expression in microarray experiments,
/// Statistical Applications in Genetics and Molecular Biology 3(1), section 6.2). How much more
/// they differ than by chance counts with one standard error of it added: that number is an
/// estimate too, and one that is too small promises degrees of freedom that are not there. Where
/// they differ no more than by chance even so, their mean. The result has no more degrees of
/// freedom than all of them together, which Smyth's may exceed; none where no variance is known.
/// Values under kLeastDeviation squared count as that.
Variance prior_of(std::span<const Variance> variances);

/// The posterior: both, weighed by their degrees of freedom, which add up.
Variance moderated(const Variance& own, const Variance& prior);

/// The sum of two independent estimates; its degrees of freedom are Satterthwaite's (1946).
Variance sum_of(const Variance& a, const Variance& b);

/// No clock here tells times apart that differ by less than this share of them, so that a variance
/// of 0 between runs is one that was not resolved.
inline constexpr double kLeastDeviation = 1e-4;

/// The x for which trigamma(x) is `value` > 0.
double trigamma_inverse(double value);

/// Each p-value adjusted for all of them, in their order: rejecting what is at most q keeps the
/// expected share of false rejections at q (Benjamini and Hochberg 1995).
std::vector<double> false_discovery_rates(std::span<const double> p_values);

/// Probability of Student's t above `t`.
double upper_tail(double t, double freedom);

/// The value that Student's t stays below with probability `p`.
double student_quantile(double p, double freedom);

/// The standard error of the difference between two sides' means over runs.
double standard_error(const Variance& variance, std::size_t base_runs, std::size_t next_runs);

/// The 95 % interval of a ratio whose logarithm is `difference`, a difference of means over runs;
/// the variance of one run is known.
Interval ratio_interval(double difference, const Variance& variance, std::size_t base_runs,
                        std::size_t next_runs);

/// A row's logarithms of times by run; a run that has none is absent. Runs stand at the same index
/// in every row.
using Times = std::vector<std::optional<double>>;

/// How many runs have one.
std::size_t known(const Times& times);
/// Over the runs that have one, at least one.
double mean_of(const Times& times);

struct RowTimes {
  std::string path;
  Times base;
  Times next;

  /// Whether every run of both sides has a time.
  bool is_complete() const { return known(base) == base.size() && known(next) == next.size(); }
};

/// How times of rows like these scatter between runs of one build. A run moves all rows of a path
/// together (the host, the clock of the GPU) and each one by itself. The first part is the same
/// draw in all rows, so that no number of rows teaches more of it than the runs do; the second is
/// shared over rows as their prior.
struct GroupNoise {
  Variance run;  ///< of what a run has in common
  Variance row;  ///< prior of what is left to each row
  std::size_t rows = 0;
};

/// By path and decade of time, floor(log10(us)); without a decade, of the path as a whole.
using NoiseGroup = std::pair<std::string, std::optional<int>>;
using NoiseGroups = std::map<NoiseGroup, GroupNoise>;

/// The group of a row by the mean of its logarithms.
NoiseGroup group_of(const RowTimes& row);

/// The noise of the row's group, else of its path as a whole; null where there is neither.
const GroupNoise* find_noise(const NoiseGroups& groups, const NoiseGroup& key);

/// Noise of rows, each with the variance of its own and the group that it belongs to.
class Noise {
 public:
  /// From the runs at hand; groups of fewer than kFewestRows rows that have all runs are left to
  /// their path, and paths of fewer to their rows alone. `model` holds what is known already: its
  /// priors take the place of these rows', its run variances are pooled with theirs.
  ///
  /// `in_modes`: times fall into a few modes, as a loop's do that the host limits, where a process
  /// is quick or slow by where it came to run. That a row's few runs agree says then that they met
  /// one mode, not that there is no other: no row counts as quieter than the rows of its group are
  /// in the mean.
  explicit Noise(std::span<const RowTimes> rows, const NoiseGroups* model = nullptr,
                 bool in_modes = false);

  static constexpr std::size_t kFewestRows = 8;

  /// The variance of one run's logarithm of the row at `index`, that of its path's run included;
  /// no degrees of freedom where nothing is known.
  Variance of_row(std::size_t index) const { return rows_[index]; }

  /// Of the groups that these rows made, the model's left out.
  const NoiseGroups& groups() const { return groups_; }

 private:
  std::vector<Variance> rows_;
  NoiseGroups groups_;
};

}  // namespace mhabench
