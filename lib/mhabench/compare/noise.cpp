#include "mhabench/compare/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

namespace mhabench {
namespace {

using boost::math::digamma;
using boost::math::trigamma;

constexpr double kLeastVariance = kLeastDeviation * kLeastDeviation;

double floored(double variance) { return std::max(variance, kLeastVariance); }

// What each run of one side has in common, over rows that have all runs; their mean is 0.
std::vector<double> run_effects(const std::vector<const RowTimes*>& rows, Times RowTimes::*side) {
  std::vector<double> effects((rows.front()->*side).size(), 0);
  for (const RowTimes* row : rows) {
    const Times& times = row->*side;
    const double mean = mean_of(times);
    for (std::size_t i = 0; i < effects.size(); ++i) effects[i] += *times[i] - mean;
  }
  for (double& effect : effects) effect /= static_cast<double>(rows.size());
  return effects;
}

struct RunEffects {
  std::vector<double> base, next;

  Variance variance() const {
    double squares = 0;
    double freedom = 0;
    for (const std::vector<double>* side : {&base, &next}) {
      for (const double effect : *side) squares += effect * effect;
      if (side->size() > 1) freedom += static_cast<double>(side->size()) - 1;
    }
    return {freedom > 0 ? squares / freedom : 0, freedom};
  }
};

struct Squares {
  double sum = 0;
  double freedom = 0;
};

// The squares of one side around its mean, the runs' effects taken out.
Squares squares_of(const Times& times, const std::vector<double>& effects) {
  std::vector<double> rest;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i]) rest.push_back(*times[i] - (effects.empty() ? 0 : effects[i]));
  }
  if (rest.size() < 2) return {};
  const auto n = static_cast<double>(rest.size());
  const double mean = std::accumulate(rest.begin(), rest.end(), 0.0) / n;
  Squares squares{0, n - 1};
  for (const double value : rest) squares.sum += (value - mean) * (value - mean);
  return squares;
}

// Of one row around its sides' means. Where effects were taken out, which the mean of `rows` rows
// told, the rest is as much too small.
Variance own_variance(const RowTimes& row, const RunEffects& effects, std::size_t rows) {
  const Squares base = squares_of(row.base, effects.base);
  const Squares next = squares_of(row.next, effects.next);
  const double freedom = base.freedom + next.freedom;
  if (freedom == 0) return {};
  const auto m = static_cast<double>(rows);
  const double correction = rows > 1 ? m / (m - 1) : 1;
  return {(base.sum + next.sum) / freedom * correction, freedom};
}

// Rows that share their noise, and what the runs at hand tell of it.
struct Group {
  std::vector<std::size_t> members;
  std::vector<const RowTimes*> complete;
  RunEffects effects;
  std::vector<Variance> own;  // by member, the effects taken out
  GroupNoise noise;

  // Of their rows in the mean.
  double mean_variance() const {
    double freedom = 0;
    double weighted = 0;
    for (const Variance& each : own) {
      freedom += each.freedom;
      weighted += each.freedom * each.value;
    }
    return freedom > 0 ? weighted / freedom : 0;
  }

  bool is_large() const { return complete.size() >= Noise::kFewestRows; }

  void estimate(std::span<const RowTimes> rows) {
    effects = {run_effects(complete, &RowTimes::base), run_effects(complete, &RowTimes::next)};
    for (const std::size_t member : members) {
      own.push_back(own_variance(rows[member], effects, complete.size()));
    }
    noise = {effects.variance(), prior_of(own), complete.size()};
  }
};

std::map<NoiseGroup, Group> groups_of(std::span<const RowTimes> rows) {
  std::map<NoiseGroup, Group> groups;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const NoiseGroup key = group_of(rows[i]);
    for (const NoiseGroup& each : {key, NoiseGroup(key.first, std::nullopt)}) {
      groups[each].members.push_back(i);
      if (rows[i].is_complete()) groups[each].complete.push_back(&rows[i]);
    }
  }
  std::erase_if(groups, [](const auto& entry) { return !entry.second.is_large(); });
  for (auto& [key, group] : groups) group.estimate(rows);
  return groups;
}

// By the group, else by its path as a whole.
template <typename Value>
const Value* find_group(const std::map<NoiseGroup, Value>& groups, const NoiseGroup& key) {
  for (const NoiseGroup& each : {key, NoiseGroup(key.first, std::nullopt)}) {
    if (const auto found = groups.find(each); found != groups.end()) return &found->second;
  }
  return nullptr;
}

Variance total(const Variance& run, const Variance& row) {
  // A row alone, without a group: its own variance holds both.
  return run.freedom == 0 ? row : sum_of(run, row);
}

}  // namespace

std::size_t known(const Times& times) {
  return static_cast<std::size_t>(
      std::ranges::count_if(times, [](const auto& time) { return time.has_value(); }));
}

double mean_of(const Times& times) {
  double sum = 0;
  for (const std::optional<double>& time : times) sum += time.value_or(0);
  return sum / static_cast<double>(known(times));
}

double trigamma_inverse(double value) {
  // Newton's method on 1 / trigamma, which is convex and nearly linear (Smyth 2004, appendix).
  constexpr double kHuge = 1e7;
  constexpr double kTiny = 1e-6;
  if (value > kHuge) return 1 / std::sqrt(value);
  if (value < kTiny) return 1 / value;
  double x = 0.5 + 1 / value;
  for (int i = 0; i < 50; ++i) {
    const double current = trigamma(x);
    const double step = current * (1 - current / value) / boost::math::polygamma(2, x);
    x += step;
    if (-step / x < 1e-10) break;
  }
  return x;
}

Variance prior_of(std::span<const Variance> variances) {
  std::vector<double> logs;  // of the variances, the bias of their chi-square taken out
  double freedom = 0;
  double weighted = 0;
  double chance = 0;  // variance of the logarithms if there were one variance
  for (const Variance& v : variances) {
    if (v.freedom == 0) continue;
    logs.push_back(std::log(floored(v.value)) - digamma(v.freedom / 2) + std::log(v.freedom / 2));
    freedom += v.freedom;
    weighted += v.freedom * floored(v.value);
    chance += trigamma(v.freedom / 2);
  }
  if (logs.empty()) return {};
  const Variance pooled{weighted / freedom, freedom};
  if (logs.size() == 1) return pooled;
  const auto count = static_cast<double>(logs.size());
  chance /= count;
  const double mean = std::accumulate(logs.begin(), logs.end(), 0.0) / count;
  double squares = 0;
  for (const double log : logs) squares += (log - mean) * (log - mean);
  const double seen = squares / (count - 1);
  const double excess = seen - chance + seen * std::sqrt(2 / (count - 1));
  if (excess <= 0) return pooled;
  const double half = trigamma_inverse(excess);
  return {std::exp(mean + digamma(half) - std::log(half)), std::min(2 * half, freedom)};
}

Variance moderated(const Variance& own, const Variance& prior) {
  const double freedom = own.freedom + prior.freedom;
  if (freedom == 0) return {};
  const double weighted = own.freedom * own.value + prior.freedom * prior.value;
  return {floored(weighted / freedom), freedom};
}

Variance sum_of(const Variance& a, const Variance& b) {
  if (a.freedom == 0 || b.freedom == 0) return {};
  const double sum = a.value + b.value;
  const double spread = a.value * a.value / a.freedom + b.value * b.value / b.freedom;
  return {sum, spread > 0 ? sum * sum / spread : a.freedom + b.freedom};
}

std::vector<double> false_discovery_rates(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return p_values[a] > p_values[b]; });
  std::vector<double> rates(p_values.size());
  const auto count = static_cast<double>(p_values.size());
  double least = 1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double rank = count - static_cast<double>(i);
    least = std::min(least, p_values[order[i]] * count / rank);
    rates[order[i]] = least;
  }
  return rates;
}

double upper_tail(double t, double freedom) {
  return cdf(complement(boost::math::students_t(freedom), t));
}

double student_quantile(double p, double freedom) {
  return quantile(boost::math::students_t(freedom), p);
}

double standard_error(const Variance& variance, std::size_t base_runs, std::size_t next_runs) {
  return std::sqrt(variance.value *
                   (1 / static_cast<double>(base_runs) + 1 / static_cast<double>(next_runs)));
}

Interval ratio_interval(double difference, const Variance& variance, std::size_t base_runs,
                        std::size_t next_runs) {
  constexpr double kTail = 0.025;
  const double half_width = student_quantile(1 - kTail, variance.freedom) *
                            standard_error(variance, base_runs, next_runs);
  return {std::exp(difference - half_width), std::exp(difference + half_width)};
}

NoiseGroup group_of(const RowTimes& row) {
  double sum = 0;
  for (const Times* side : {&row.base, &row.next}) {
    for (const std::optional<double>& time : *side) sum += time.value_or(0);
  }
  const double mean = sum / static_cast<double>(known(row.base) + known(row.next));
  return {row.path, static_cast<int>(std::floor(mean / std::log(10.0)))};
}

const GroupNoise* find_noise(const NoiseGroups& groups, const NoiseGroup& key) {
  return find_group(groups, key);
}

Noise::Noise(std::span<const RowTimes> rows, const NoiseGroups* model, bool in_modes)
    : rows_(rows.size()) {
  const std::map<NoiseGroup, Group> groups = groups_of(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const NoiseGroup key = group_of(rows[i]);
    const Group* const group = find_group(groups, key);
    const GroupNoise* const known_noise = model == nullptr ? nullptr : find_noise(*model, key);
    const RunEffects effects = group == nullptr ? RunEffects{} : group->effects;
    const Variance own = own_variance(rows[i], effects, group ? group->complete.size() : 0);
    Variance run = group == nullptr ? Variance{} : group->noise.run;
    Variance prior = group == nullptr ? Variance{} : group->noise.row;
    if (known_noise != nullptr) {
      run = moderated(run, known_noise->run);
      prior = known_noise->row;
    }
    Variance row = moderated(own, prior);
    if (in_modes && group != nullptr) row.value = std::max(row.value, group->mean_variance());
    rows_[i] = total(run, row);
  }
  for (const auto& [key, group] : groups) groups_[key] = group.noise;
}

}  // namespace mhabench
