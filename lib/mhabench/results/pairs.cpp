#include "mhabench/results/pairs.h"

#include <cmath>
#include <unordered_map>

#include "mhabench/base/statistics.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

struct PathTimes {
  PathSummary summary;
  std::vector<double> us, busy_us;
  bool host_limited = true;
};

struct Group {
  Pair pair;
  std::optional<PathTimes> slow, fast;
};

void add_row(const Row& row, std::optional<PathTimes>& path) {
  if (!path) path.emplace();
  if (row.status == RowStatus::failed) {
    ++path->summary.failed;
  } else if (row.errors.value_or(0) != 0) {
    ++path->summary.wrong;
  }
  if (row.real_time_us) {
    path->us.push_back(*row.real_time_us);
    path->host_limited = path->host_limited && host_limited(row);
  }
  if (row.busy_us) path->busy_us.push_back(*row.busy_us);
}

std::optional<PathSummary> summary_of(const std::optional<PathTimes>& path) {
  if (!path) return std::nullopt;
  PathSummary summary = path->summary;
  if (!path->us.empty()) summary.us = median(path->us);
  if (!path->busy_us.empty()) summary.busy_us = median(path->busy_us);
  summary.host_limited = !path->us.empty() && path->host_limited;
  return summary;
}

std::optional<double> ratio_of(const std::optional<double>& slow,
                               const std::optional<double>& fast) {
  if (!slow || !fast || *fast <= 0) return std::nullopt;
  return *slow / *fast;
}

bool both_right(const Pair& pair) {
  return pair.slow && pair.fast && pair.slow->right() && pair.fast->right();
}

SpeedupSummary summarize(const std::vector<Pair>& pairs,
                         std::optional<double> (Pair::*speedup_of)() const) {
  SpeedupSummary summary;
  double logarithms = 0;
  for (const Pair& pair : pairs) {
    const std::optional<double> speedup = (pair.*speedup_of)();
    if (!speedup) continue;
    ++summary.count;
    logarithms += std::log(*speedup);
    if (*speedup < 1) ++summary.under_one;
  }
  if (summary.count > 0)
    summary.geomean = std::exp(logarithms / static_cast<double>(summary.count));
  return summary;
}

}  // namespace

PathSummary summary_of(const std::vector<const Row*>& rows) {
  std::optional<PathTimes> path;
  for (const Row* const row : rows) add_row(*row, path);
  return summary_of(path).value_or(PathSummary{});
}

std::optional<double> Pair::speedup() const {
  if (!both_right(*this)) return std::nullopt;
  return ratio_of(slow->us, fast->us);
}

std::optional<double> Pair::busy_speedup() const {
  if (!both_right(*this)) return std::nullopt;
  return ratio_of(slow->busy_us, fast->busy_us);
}

std::vector<Pair> pair_rows(const std::vector<Row>& rows) {
  std::vector<Group> groups;
  std::unordered_map<std::string, std::size_t> index;
  for (const Row& row : rows) {
    const bool slow = row.path == "slow";
    if (!slow && row.path != "fast") continue;
    const auto [at, fresh] = index.try_emplace(config_name(row.config), groups.size());
    if (fresh) groups.push_back({{row.config, row.padding, {}, {}, 0, {}, {}}, {}, {}});
    Group& group = groups[at->second];
    add_row(row, slow ? group.slow : group.fast);
    if (row.agrees == false) ++group.pair.disagreements;
  }
  std::vector<Pair> pairs;
  pairs.reserve(groups.size());
  for (Group& group : groups) {
    group.pair.slow = summary_of(group.slow);
    group.pair.fast = summary_of(group.fast);
    pairs.push_back(std::move(group.pair));
  }
  return pairs;
}

void enter_ratios(const std::vector<PairRatio>& ratios, std::vector<Pair>& pairs) {
  std::unordered_map<std::string, Pair*> by_name;
  for (Pair& pair : pairs) by_name.emplace(config_name(pair.config), &pair);
  for (const PairRatio& ratio : ratios) {
    if (ratio.base != "slow" || ratio.path != "fast") continue;
    const auto found = by_name.find(config_name(ratio.config));
    if (found == by_name.end()) continue;
    (ratio.clock == "busy" ? found->second->busy_ratio : found->second->event_ratio) = ratio;
  }
}

SpeedupSummary summarize(const std::vector<Pair>& pairs) {
  return summarize(pairs, &Pair::speedup);
}

SpeedupSummary summarize_busy(const std::vector<Pair>& pairs) {
  return summarize(pairs, &Pair::busy_speedup);
}

}  // namespace mhabench
