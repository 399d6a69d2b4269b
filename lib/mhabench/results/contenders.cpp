#include "mhabench/results/contenders.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "mhabench/base/statistics.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

// Rows of one configuration: for each path those that are its.
struct Group {
  const Row* first = nullptr;
  std::unordered_map<std::string, std::vector<const Row*>> by_path;
};

std::vector<Group> groups_of(const std::vector<Row>& rows) {
  std::vector<Group> groups;
  std::unordered_map<std::string, std::size_t> index;
  for (const Row& row : rows) {
    const auto [at, fresh] = index.try_emplace(config_name(row.config), groups.size());
    if (fresh) groups.push_back({&row, {}});
    groups[at->second].by_path[row.path].push_back(&row);
  }
  return groups;
}

// A path that was skipped wherever it was asked for has no column; what was skipped is told below
// the table.
std::vector<std::string> measured_paths(const std::vector<Row>& rows) {
  std::vector<std::string> paths;
  for (const Row& row : rows) {
    if (row.status == RowStatus::skipped) continue;
    if (std::ranges::find(paths, row.path) == paths.end()) paths.push_back(row.path);
  }
  return paths;
}

std::optional<double> median_of(const std::vector<const Row*>& rows,
                                std::optional<double> Row::*field) {
  std::vector<double> values;
  for (const Row* const row : rows) {
    if (row->*field) values.push_back(*(row->*field));
  }
  if (values.empty()) return std::nullopt;
  return median(values);
}

Contender contender_of(const std::vector<const Row*>& rows) {
  return {summary_of(rows), median_of(rows, &Row::pack_us), median_of(rows, &Row::unpack_us),
          median_of(rows, &Row::executed_flops)};
}

ContenderLine line_of(const Group& group, const std::vector<std::string>& paths) {
  ContenderLine line{group.first->config, group.first->padding, {}};
  for (const std::string& path : paths) {
    const auto found = group.by_path.find(path);
    line.by_path.push_back(
        found == group.by_path.end() ? std::nullopt : std::optional(contender_of(found->second)));
  }
  return line;
}

ContenderClock clock_of(const std::vector<ContenderLine>& lines) {
  bool any = false;
  for (const ContenderLine& line : lines) {
    for (const auto& contender : line.by_path) {
      if (!contender || !contender->summary.us) continue;
      if (!contender->summary.busy_us) return ContenderClock::event;
      any = true;
    }
  }
  return any ? ContenderClock::busy : ContenderClock::event;
}

// Over the configurations for which `speedup_of` gives one.
template <typename SpeedupOf>
std::optional<double> geomean(const Contenders& contenders, SpeedupOf speedup_of) {
  double logarithms = 0;
  double count = 0;
  for (const ContenderLine& line : contenders.lines) {
    if (const std::optional<double> speedup = speedup_of(line)) {
      logarithms += std::log(*speedup);
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  return std::exp(logarithms / count);
}

std::optional<double> geomean_over(const Contenders& contenders,
                                   const std::optional<std::size_t>& base, std::size_t path) {
  if (!base) return std::nullopt;
  return geomean(contenders,
                 [&](const ContenderLine& line) { return contenders.speedup(line, *base, path); });
}

std::optional<double> geomean_over_padded(const Contenders& contenders, std::size_t path) {
  const std::string& name = contenders.paths[path];
  if (is_padded_path(name)) return std::nullopt;
  return geomean(contenders, [&](const ContenderLine& line) -> std::optional<double> {
    const std::optional<double> padded_us = contenders.best_padded_us(line, is_graph_path(name));
    const std::optional<double> us = contenders.right_us(line, path);
    if (!padded_us || !us || *us <= 0) return std::nullopt;
    return *padded_us / *us;
  });
}

}  // namespace

std::string name_of(ContenderClock clock) {
  return clock == ContenderClock::busy ? "GPU busy time" : "event time";
}

std::optional<std::size_t> Contenders::index_of(const std::string& path) const {
  const auto found = std::ranges::find(paths, path);
  if (found == paths.end()) return std::nullopt;
  return static_cast<std::size_t>(found - paths.begin());
}

std::optional<double> Contenders::right_us(const ContenderLine& line, std::size_t path) const {
  const std::optional<Contender>& contender = line.by_path[path];
  if (!contender || !contender->summary.right()) return std::nullopt;
  return clock == ContenderClock::busy ? contender->summary.busy_us : contender->summary.us;
}

std::vector<std::size_t> Contenders::ranking(const ContenderLine& line) const {
  std::vector<std::size_t> ranked;
  for (std::size_t path = 0; path < paths.size(); ++path) {
    if (right_us(line, path)) ranked.push_back(path);
  }
  std::ranges::stable_sort(ranked, {}, [&](std::size_t path) { return *right_us(line, path); });
  return ranked;
}

std::optional<double> Contenders::speedup(const ContenderLine& line, std::size_t base,
                                          std::size_t path) const {
  const std::optional<double> base_us = right_us(line, base);
  const std::optional<double> path_us = right_us(line, path);
  if (!base_us || !path_us || *path_us <= 0) return std::nullopt;
  return *base_us / *path_us;
}

std::optional<double> Contenders::best_padded_us(const ContenderLine& line, bool graphs) const {
  for (const std::size_t path : ranking(line)) {
    if (is_padded_path(paths[path]) && is_graph_path(paths[path]) == graphs) {
      return right_us(line, path);
    }
  }
  return std::nullopt;
}

bool is_graph_path(std::string_view path) { return path.ends_with("_graph"); }

bool is_padded_path(std::string_view path) {
  constexpr std::string_view kPadded[] = {"slow",          "padded_sdpa", "slow_frozen",
                                          "slow_autograd", "fast_dense",  "fast_masked",
                                          "frontend"};
  if (is_graph_path(path)) path.remove_suffix(std::string_view("_graph").size());
  return std::ranges::find(kPadded, path) != std::end(kPadded);
}

Contenders contenders_of(const std::vector<Row>& rows) {
  Contenders contenders;
  contenders.paths = measured_paths(rows);
  for (const Group& group : groups_of(rows)) {
    contenders.lines.push_back(line_of(group, contenders.paths));
  }
  contenders.clock = clock_of(contenders.lines);
  return contenders;
}

bool has_other_paths(const std::vector<Row>& rows) {
  return std::ranges::any_of(
      rows, [](const Row& row) { return row.path != "slow" && row.path != "fast"; });
}

std::vector<ContenderSummary> summarize(const Contenders& contenders) {
  std::vector<ContenderSummary> summaries;
  for (std::size_t path = 0; path < contenders.paths.size(); ++path) {
    ContenderSummary summary;
    summary.path = contenders.paths[path];
    for (const ContenderLine& line : contenders.lines) {
      if (!contenders.right_us(line, path)) continue;
      ++summary.configurations;
      const std::vector<std::size_t> ranked = contenders.ranking(line);
      if (ranked.size() > 1 && ranked.front() == path) ++summary.wins;
    }
    summary.over_slow = geomean_over(contenders, contenders.index_of("slow"), path);
    summary.over_fast = geomean_over(contenders, contenders.index_of("fast"), path);
    summary.over_padded = geomean_over_padded(contenders, path);
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace mhabench
