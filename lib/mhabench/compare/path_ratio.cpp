#include "mhabench/compare/path_ratio.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mhabench/base/grouped.h"

namespace mhabench {
namespace {

using Rows = std::vector<const RowTimes*>;

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// Of each run, over the rows.
std::vector<double> run_means(const Rows& rows, Times RowTimes::*side) {
  std::vector<double> means((rows.front()->*side).size(), 0);
  for (const RowTimes* const row : rows) {
    for (std::size_t run = 0; run < means.size(); ++run) {
      means[run] += *(row->*side)[run] / static_cast<double>(rows.size());
    }
  }
  return means;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Variance variance_of(const std::vector<double>& values) {
  if (values.size() < 2) return {};
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  const double freedom = static_cast<double>(values.size()) - 1;
  return {squares / freedom, freedom};
}

// The share of a row's variance that is left in a mean of so many rows, less what the model's run
// variance holds of it already: that is one of means over the model's rows.
double unaveraged(const GroupNoise& noise, double members) {
  return std::max(0.0, 1 / members - 1 / static_cast<double>(noise.rows));
}

// By the noise model: a run moves the decades of a path together, so their deviations add up by
// their shares of the rows; what is left to each row averages out over them. None where a row's
// group is unknown to the model.
Variance model_variance(const Rows& rows, const NoiseGroups& model) {
  double deviation = 0;
  Variance shared{0, kUnlimited};
  Variance rest{0, kUnlimited};
  const auto noise_of = [&](const RowTimes* row) { return find_noise(model, group_of(*row)); };
  for (const auto& group : grouped(rows, noise_of)) {
    const GroupNoise* const noise = noise_of(*group.front());
    const auto members = static_cast<double>(group.size());
    if (noise == nullptr || noise->run.freedom == 0 || noise->row.freedom == 0) return {};
    const double share = members / static_cast<double>(rows.size());
    deviation += share * std::sqrt(noise->run.value);
    shared.freedom = std::min(shared.freedom, noise->run.freedom);
    rest.value += share * share * noise->row.value * unaveraged(*noise, members);
    rest.freedom = std::min(rest.freedom, noise->row.freedom);
  }
  shared.value = deviation * deviation;
  return sum_of(shared, rest);
}

// Of one run's geometric mean over the rows.
Variance run_variance(const std::vector<double>& base, const std::vector<double>& next,
                      const Rows& rows, const NoiseGroups* model) {
  const Variance before = variance_of(base);
  const Variance after = variance_of(next);
  const Variance own = before.freedom + after.freedom > 0 ? moderated(before, after) : Variance{};
  const Variance told = model == nullptr ? Variance{} : model_variance(rows, *model);
  return told.freedom > 0 ? moderated(own, told) : own;
}

}  // namespace

PathRatio path_ratio(const Rows& rows, const NoiseGroups* model) {
  const std::vector<double> base = run_means(rows, &RowTimes::base);
  const std::vector<double> next = run_means(rows, &RowTimes::next);
  const double difference = mean(next) - mean(base);
  const Variance variance = run_variance(base, next, rows, model);
  PathRatio result{std::exp(difference), std::nullopt};
  if (variance.freedom > 0) {
    result.interval = ratio_interval(difference, variance, base.size(), next.size());
  }
  return result;
}

}  // namespace mhabench
