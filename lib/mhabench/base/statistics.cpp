#include "mhabench/base/statistics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace mhabench {
namespace {

constexpr double kTail = 0.025;  // beyond either end of a 95 % interval
constexpr double kNormalQuantile = 1.959964;
constexpr std::size_t kFewestForAnInterval = 6;  // 2 / 2^6 is the first under 5 %
constexpr std::size_t kFewestBlocks = 8;

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

// At a rank from 1 to the number of values, on the straight line between neighbours.
double value_at(const std::vector<double>& ordered, double rank) {
  const double whole = std::floor(rank);
  const auto below = static_cast<std::size_t>(whole) - 1;
  const std::size_t above = std::min(below + 1, ordered.size() - 1);
  return std::lerp(ordered[below], ordered[above], rank - whole);
}

// How far the interval's ranks lie from the middle one.
double rank_distance(std::size_t values) {
  using namespace boost::math::policies;
  // Real: between whole ranks. Without long double, which costs ten times as much for no digit
  // here.
  using Policy = policy<discrete_quantile<real>, promote_double<false>>;
  using Binomial = boost::math::binomial_distribution<double, Policy>;
  const auto n = static_cast<double>(values);
  const double rank = quantile(Binomial(n, 0.5), kTail) + 1;
  return (n + 1) / 2 - rank;
}

// No farther than from the smallest value to the largest.
Interval between_ranks(const std::vector<double>& ordered, double distance) {
  const double middle = (static_cast<double>(ordered.size()) + 1) / 2;
  const double reached = std::min(distance, middle - 1);
  return {value_at(ordered, middle - reached), value_at(ordered, middle + reached)};
}

// The values' places in their order, from 1; equal values share the mean of their places.
std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double shared = static_cast<double>(first + 1 + end) / 2;
    for (std::size_t i = first; i < end; ++i) result[order[i]] = shared;
  }
  return result;
}

// 1 - R / 2, R the rank version of von Neumann's ratio: 0 on average where neighbours are
// independent, and near the correlation of their ranks elsewhere.
double neighbour_correlation(std::span<const double> values) {
  const std::vector<double> places = ranks(values);
  const double mean = (static_cast<double>(places.size()) + 1) / 2;
  double steps = 0;
  double spread = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    spread += (places[i] - mean) * (places[i] - mean);
    if (i > 0) steps += (places[i] - places[i - 1]) * (places[i] - places[i - 1]);
  }
  return spread > 0 ? 1 - steps / spread / 2 : 0;  // all equal: nothing that could be correlated
}

// Standard deviation of neighbour_correlation() where the values are independent (Bartels 1982).
double null_spread(std::size_t values) {
  const auto n = static_cast<double>(values);
  return std::sqrt((n - 2) * (5 * n * n - 2 * n - 9) / (5 * n * (n + 1) * (n - 1) * (n - 1)));
}

bool uncorrelated(double correlation, std::size_t blocks) {
  constexpr double kOnePercent = 2.326348;  // a normal variable is above that in 1 % of cases
  return correlation <= kOnePercent * null_spread(blocks);
}

// What a correlation that the test has let pass may add to the interval's width.
double widening(double correlation, std::size_t blocks) {
  constexpr double kReserve = 2.5;
  const auto n = static_cast<double>(blocks);
  const double assumed = std::clamp(correlation * n / (n - 3) + kReserve / n, 0.0, 0.99);
  return std::sqrt((1 + assumed) / (1 - assumed));
}

std::vector<double> block_medians(std::span<const double> samples, std::size_t size) {
  std::vector<double> medians;
  medians.reserve(samples.size() / size);
  for (std::size_t at = samples.size() % size; at < samples.size(); at += size) {
    medians.push_back(median(samples.subspan(at, size)));
  }
  return medians;
}

// Expected of independent, normal samples.
double expected_half_width(double scatter, double samples) {
  const double long_series =
      kNormalQuantile * std::sqrt(std::numbers::pi / 2) * scatter / std::sqrt(samples);
  return long_series * (1 + 6 / samples);
}

// The fewest from `least` to `most` samples that reach the precision, or `most`.
std::int64_t fewest_for(double scatter, double precision, std::int64_t least, std::int64_t most) {
  while (least < most) {
    const std::int64_t middle = least + (most - least) / 2;
    if (expected_half_width(scatter, static_cast<double>(middle)) <= precision) {
      most = middle;
    } else {
      least = middle + 1;
    }
  }
  return most;
}

std::int64_t samples_within(double microseconds, double sample_us) {
  constexpr double kMost = 1e9;  // beyond any batch, within every integer
  return static_cast<std::int64_t>(std::clamp(microseconds / sample_us, 0.0, kMost));
}

double logarithm_of_ratio(double base, double path) {
  require(base > 0 && path > 0 && std::isfinite(base) && std::isfinite(path),
          "a median must be positive");
  return std::log(base) - std::log(path);
}

RatioVerdict verdict_of(const Interval& interval) {
  if (interval.low > 1) return RatioVerdict::faster;
  if (interval.high < 1) return RatioVerdict::slower;
  return RatioVerdict::undecided;
}

}  // namespace

double quantile(std::span<const double> values, double p) {
  require(!values.empty(), "no values have no quantile");
  require(p >= 0 && p <= 1, "a quantile's share must be from 0 to 1");
  return value_at(sorted(values), 1 + static_cast<double>(values.size() - 1) * p);
}

double median(std::span<const double> values) { return quantile(values, 0.5); }

double geometric_mean(std::span<const double> values) {
  double logarithms = 0;
  for (const double value : values) logarithms += std::log(value);
  return std::exp(logarithms / static_cast<double>(values.size()));
}

double relative_half_width(const Interval& interval, double centre) {
  return (interval.high - interval.low) / 2 / centre;
}

std::optional<Interval> median_interval(std::span<const double> values) {
  if (values.size() < kFewestForAnInterval) return std::nullopt;
  return between_ranks(sorted(values), rank_distance(values.size()));
}

std::optional<SeriesInterval> median_interval_of_series(std::span<const double> samples) {
  for (std::size_t size = 1; samples.size() / size >= kFewestBlocks; size = 2 * size + 1) {
    const std::vector<double> blocks = block_medians(samples, size);
    const double correlation = neighbour_correlation(blocks);
    if (!uncorrelated(correlation, blocks.size())) continue;
    const double distance = rank_distance(blocks.size()) * widening(correlation, blocks.size());
    return SeriesInterval{between_ranks(sorted(blocks), distance), size, blocks.size()};
  }
  return std::nullopt;
}

double relative_scatter(std::span<const double> values) {
  constexpr double kNormalOverDeviation = 1.482602;  // 1 over the normal's upper quartile
  const double centre = median(values);
  require(centre > 0, "the median must be positive");
  std::vector<double> deviations(values.begin(), values.end());
  for (double& value : deviations) value = std::abs(value - centre);
  return kNormalOverDeviation * median(deviations) / centre;
}

std::int64_t samples_for(const SamplePlan& plan) {
  require(plan.scatter >= 0 && std::isfinite(plan.scatter), "the scatter must be 0 or positive");
  require(plan.pilot_size > 0, "the pilot must have samples");
  require(plan.precision > 0, "the precision must be positive");
  require(plan.sample_us > 0, "a sample must take time");
  constexpr double kHalfWidthReserve = 1.3;
  const double reserve =
      kHalfWidthReserve * (1 + 1.9 / std::sqrt(static_cast<double>(plan.pilot_size)));
  const std::int64_t ceiling =
      std::max<std::int64_t>(1, samples_within(plan.max_us, plan.sample_us));
  const std::int64_t least = std::min(plan.at_least, ceiling);
  const std::int64_t planned =
      fewest_for(plan.scatter * reserve, plan.precision, std::max<std::int64_t>(1, least), ceiling);
  // One more where the floor is no whole number of samples.
  const std::int64_t floor = samples_within(plan.min_us, plan.sample_us) +
                             (std::fmod(plan.min_us, plan.sample_us) > 0 ? 1 : 0);
  return std::max(planned, floor);
}

RatioOverRounds ratio_over_rounds(std::span<const double> base_medians,
                                  std::span<const double> path_medians) {
  require(base_medians.size() == path_medians.size(), "base and path must have the same rounds");
  require(base_medians.size() >= 2, "a ratio over rounds needs 2 rounds");
  std::vector<double> logarithms(base_medians.size());
  std::transform(base_medians.begin(), base_medians.end(), path_medians.begin(), logarithms.begin(),
                 logarithm_of_ratio);
  const auto n = static_cast<double>(logarithms.size());
  const double mean = std::accumulate(logarithms.begin(), logarithms.end(), 0.0) / n;
  double squares = 0;
  for (const double value : logarithms) squares += (value - mean) * (value - mean);
  const double t = quantile(complement(boost::math::students_t(n - 1), kTail));
  const double half_width = t * std::sqrt(squares / (n - 1) / n);
  const Interval interval{std::exp(mean - half_width), std::exp(mean + half_width)};
  return {std::exp(mean), interval, logarithms.size(), verdict_of(interval)};
}

}  // namespace mhabench
