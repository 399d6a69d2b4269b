#include "mhabench/results/pairs.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "mhabench/base/grouped.h"
#include "mhabench/base/statistics.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

bool both_right(const Pair& pair) {
  return pair.slow && pair.fast && pair.slow->right() && pair.fast->right();
}

SpeedupSummary summarize(const std::vector<Pair>& pairs,
                         std::optional<double> (Pair::*speedup_of)() const) {
  std::vector<double> speedups;
  for (const Pair& pair : pairs) {
    if (const auto speedup = (pair.*speedup_of)()) speedups.push_back(*speedup);
  }
  if (speedups.empty()) return {};
  const auto under_one =
      std::ranges::count_if(speedups, [](double speedup) { return speedup < 1; });
  return {speedups.size(), geometric_mean(speedups), static_cast<std::size_t>(under_one)};
}

}  // namespace

std::vector<RowGroup> by_config(const std::vector<Row>& rows) {
  return grouped(rows, [](const Row& row) { return config_name(row.config); });
}

RowGroup of_path(const RowGroup& rows, std::string_view path) {
  RowGroup found;
  std::ranges::copy_if(rows, std::back_inserter(found),
                       [&](const Row* row) { return row->path == path; });
  return found;
}

std::optional<double> median_of(const RowGroup& rows, std::optional<double> Row::*field) {
  std::vector<double> values;
  for (const Row* const row : rows) {
    if (row->*field) values.push_back(*(row->*field));
  }
  if (values.empty()) return std::nullopt;
  return median(values);
}

std::optional<PathSummary> summary_of(const RowGroup& rows) {
  if (rows.empty()) return std::nullopt;
  PathSummary summary;
  summary.us = median_of(rows, &Row::real_time_us);
  summary.busy_us = median_of(rows, &Row::busy_us);
  summary.host_limited = summary.us && std::ranges::all_of(rows, [](const Row* row) {
                           return !row->real_time_us || host_limited(*row);
                         });
  for (const Row* const row : rows) {
    if (row->status == RowStatus::failed) {
      ++summary.failed;
    } else if (row->errors.value_or(0) != 0) {
      ++summary.wrong;
    }
  }
  return summary;
}

std::optional<double> ratio_of(const std::optional<double>& base,
                               const std::optional<double>& path) {
  if (!base || !path || *path <= 0) return std::nullopt;
  return *base / *path;
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
  std::vector<Pair> pairs;
  for (const RowGroup& group : by_config(rows)) {
    const RowGroup slow = of_path(group, "slow");
    const RowGroup fast = of_path(group, "fast");
    if (slow.empty() && fast.empty()) continue;
    Pair pair;
    pair.config = group.front()->config;
    pair.padding = group.front()->padding;
    pair.slow = summary_of(slow);
    pair.fast = summary_of(fast);
    for (const auto* const path : {&slow, &fast}) {
      for (const Row* const row : *path) pair.disagreements += row->agrees == false ? 1 : 0;
    }
    pairs.push_back(std::move(pair));
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
