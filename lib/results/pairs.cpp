#include "mhabench/results/pairs.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "mhabench/config/names.h"

namespace mhabench {
namespace {

struct PathTimes {
  PathSummary summary;
  std::vector<double> us;
};

struct Group {
  Pair pair;
  std::optional<PathTimes> slow, fast;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void add_row(const Row& row, std::optional<PathTimes>& path) {
  if (!path) path.emplace();
  if (row.status == RowStatus::failed) {
    ++path->summary.failed;
  } else if (row.errors.value_or(0) != 0) {
    ++path->summary.wrong;
  }
  if (row.real_time_us) path->us.push_back(*row.real_time_us);
}

std::optional<PathSummary> summary_of(const std::optional<PathTimes>& path) {
  if (!path) return std::nullopt;
  PathSummary summary = path->summary;
  if (!path->us.empty()) summary.us = median(path->us);
  return summary;
}

}  // namespace

std::optional<double> Pair::speedup() const {
  if (!slow || !fast || !slow->us || !fast->us) return std::nullopt;
  return *slow->us / *fast->us;
}

std::vector<Pair> pair_rows(const std::vector<Row>& rows) {
  std::vector<Group> groups;
  std::unordered_map<std::string, std::size_t> index;
  for (const Row& row : rows) {
    const bool slow = row.path == "slow";
    if (!slow && row.path != "fast") continue;
    const auto [at, fresh] = index.try_emplace(config_name(row.config), groups.size());
    if (fresh) groups.push_back({{row.config, row.padding, {}, {}, 0}, {}, {}});
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

SpeedupSummary summarize(const std::vector<Pair>& pairs) {
  SpeedupSummary summary;
  double logarithms = 0;
  for (const Pair& pair : pairs) {
    const std::optional<double> speedup = pair.speedup();
    if (!speedup) continue;
    ++summary.count;
    logarithms += std::log(*speedup);
    if (*speedup < 1) ++summary.under_one;
  }
  if (summary.count > 0)
    summary.geomean = std::exp(logarithms / static_cast<double>(summary.count));
  return summary;
}

}  // namespace mhabench
