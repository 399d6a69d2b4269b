#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mhabench {

/// The value below which a share `p` (0 to 1) of the values lies: the straight line through the
/// sorted values at position 1 + (n - 1) p, definition 7 of Hyndman and Fan (1996), NumPy's and R's
/// default. Throws std::invalid_argument where there are no values or `p` is out of range.
double quantile(std::span<const double> values, double p);

/// quantile(values, 0.5): of an even number, the mean of the middle two.
double median(std::span<const double> values);

/// Of values above 0, at least one.
double geometric_mean(std::span<const double> values);

/// Both ends belong to it. In the unit of what it was made of.
struct Interval {
  double low = 0;
  double high = 0;

  bool contains(double value) const { return low <= value && value <= high; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Half of the interval's width over `centre`: event_ci and busy_ci, with the median as the centre.
double relative_half_width(const Interval& interval, double centre);

/// The 95 % interval of the median of independent values of any one distribution: from the d-th
/// smallest to the d-th largest, d such that a binomial of n trials and 1/2 stays below d in 2.5 %
/// of cases (Conover, Practical Nonparametric Statistics, 3.2). d is taken as a real number, from
/// the incomplete beta function, and the interval lies between the order statistics accordingly
/// (interpolated: Hettmansperger and Sheather 1986, Nyblom 1992), so that no width is lost to whole
/// ranks; the coverage is 95 to 97 %, whatever the distribution. Absent under 6 values, of which
/// even the smallest and the largest cover the median in less than 95 %.
std::optional<Interval> median_interval(std::span<const double> values);

/// The interval of a series, and the blocks that it rests on.
struct SeriesInterval {
  Interval interval;
  std::size_t block_size = 1;  ///< samples a block
  std::size_t blocks = 0;
};

/// The 95 % interval of the median of a series of consecutive samples, honest about their
/// autocorrelation. It speaks of this series: of another run's median it says nothing.
///
/// The samples are merged into blocks of 1, 3, 7, 15, ... until neighbouring blocks are
/// uncorrelated, and the interval is that of median_interval() over the blocks, at least 8 of them.
/// - A block is its median, not its mean as in batch means (Law and Kelton, Simulation Modeling and
///   Analysis, 9.5): the mean of a skewed series is another number than its median, and the blocks'
///   means come to it the larger they are (the median of an exponential is 0.69 of its mean). The
///   median of an odd number of independent values has the same median as one value has, whatever
///   the distribution; so it has in a series of which above and below the median are each other's
///   mirror image, as in a Gaussian one and whatever grows with one. In others the median of block
///   medians is another number, though a near one: 0.3 % away for an autoregression of 0.5 with
///   exponential steps. Blocks of an even size would be means of their middle two.
/// - Uncorrelated: the rank version of von Neumann's ratio (Bartels 1982), one-sided at 1 %. Ranks,
///   because one sample that met an interrupt would hide all else in a ratio of values.
/// - A correlation too weak for the test to see is not taken for none: the ranks' distance from the
///   middle grows by sqrt((1 + r) / (1 - r)), what neighbours correlated by r (and by r^k at a
///   distance of k) add to the spread of a mean. r is the blocks' rank correlation with its bias
///   taken out and 2.5 / blocks added, found by simulation: that brings series of 20 to 60 samples
///   to their 95 % and is nothing in long ones. No less than 0.
/// - Where the ranks would lie beyond the outermost blocks, the interval ends at those. Giving none
///   would leave the narrow ones alone, which cover in 88 % of autoregressions of 0.5 and 12
///   samples, and none to a quarter of independent series of 12.
///
/// Simulated coverage, 10 to 2000 samples: independent normal, lognormal and exponential 95 to
/// 98.5 % (96.4 % at most from 200 samples on), autoregression of 0.5 93 to 97 %. Of the former
/// 99 % have an interval, of the latter 92 % of 10 samples, 69 % of 20, which make no 8 blocks of
/// 3, and 99 % of 24. A series too short for its memory cannot show it: of an autoregression of 0.8
/// two thirds of 12 samples have an interval, which covers in 77 %, and 95 % of 24, which does in
/// 88 %; from 40 samples on it is 95 %.
///
/// Absent under 8 samples, or where 8 blocks are still correlated (a drift). Where the samples do
/// not fill the blocks, the first are left out: they are the likeliest to be warming up.
std::optional<SeriesInterval> median_interval_of_series(std::span<const double> samples);

/// The standard deviation of normal values with the same median absolute deviation from the median
/// (1.4826 times that), over the median: a few outliers do not move it. Throws
/// std::invalid_argument where there are no values or their median is not positive.
double relative_scatter(std::span<const double> values);

/// What the number of samples is planned from, before the first of them is taken.
struct SamplePlan {
  double scatter = 0;          ///< relative_scatter() of a pilot's samples, each of as many calls
  std::size_t pilot_size = 0;  ///< how many samples that scatter rests on
  double precision = 0;        ///< relative half width of the median's interval to be reached
  double sample_us = 0;        ///< expected time of a sample
  double max_us = 0;           ///< ceiling of the batch's time
  double min_us = 0;           ///< floor of it, where the user asked for one: it beats the ceiling
  std::int64_t at_least = 24;  ///< 8 blocks of 3: short of the ceiling, never fewer samples
};

/// The number of samples, at least 1, for which median_interval_of_series() is expected to reach
/// the precision, within the plan's bounds. The half width of n samples that scatter by s and are
/// independent is 1.96 sqrt(pi / 2) s / sqrt(n), times 1 + 6 / n for small n, found by simulation.
/// Two reserves let nine batches in ten reach it after a pilot of 12 samples or more, where samples
/// are independent: the scatter counts 1 + 1.9 / sqrt(pilot_size) times, about the upper end of a
/// one-sided 95 % interval for it, and the half width 1.3 times, since that of one batch scatters
/// too. Correlated samples would need more, up to four times as many at 0.5; no pilot is long
/// enough to tell. Throws std::invalid_argument where the scatter is negative or not finite, or the
/// pilot's size, the precision or the sample's time not positive.
std::int64_t samples_for(const SamplePlan& plan);

/// Whether a path takes less time than the base, more, or one cannot tell.
enum class RatioVerdict { faster, slower, undecided };

/// The speed-up of a path over a base: above 1 the path is the faster.
struct RatioOverRounds {
  double ratio = 1;
  Interval interval;  ///< of 95 %
  std::size_t rounds = 0;
  RatioVerdict verdict = RatioVerdict::undecided;  ///< decided where the interval excludes 1
};

/// The speed-up from the medians of both in each of some rounds, in the same order:
/// exp(mean of log(base / path)), with Student's t interval over the rounds (rounds - 1 degrees of
/// freedom), which counts what differs from round to round, as samples of one batch cannot. Throws
/// std::invalid_argument where there are under 2 rounds, the numbers of medians differ, or a median
/// is not positive.
RatioOverRounds ratio_over_rounds(std::span<const double> base_medians,
                                  std::span<const double> path_medians);

}  // namespace mhabench
