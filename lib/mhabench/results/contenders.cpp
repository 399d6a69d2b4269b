#include "mhabench/results/contenders.h"

#include <algorithm>
#include <utility>

#include "mhabench/base/statistics.h"

namespace mhabench {
namespace {

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

std::optional<Contender> contender_of(const RowGroup& rows) {
  const std::optional<PathSummary> summary = summary_of(rows);
  if (!summary) return std::nullopt;
  return Contender{*summary, median_of(rows, &Row::pack_us), median_of(rows, &Row::unpack_us)};
}

ContenderLine line_of(const RowGroup& group, const std::vector<std::string>& paths) {
  ContenderLine line{group.front()->config, group.front()->padding, {}};
  for (const std::string& path : paths) line.by_path.push_back(contender_of(of_path(group, path)));
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
  std::vector<double> speedups;
  for (const ContenderLine& line : contenders.lines) {
    if (const std::optional<double> speedup = speedup_of(line)) speedups.push_back(*speedup);
  }
  if (speedups.empty()) return std::nullopt;
  return geometric_mean(speedups);
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
  return geomean(contenders, [&](const ContenderLine& line) {
    return ratio_of(contenders.best_padded_us(line, is_graph_path(name)),
                    contenders.right_us(line, path));
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

std::vector<MhaConfig> Contenders::configs() const {
  std::vector<MhaConfig> configs;
  for (const ContenderLine& line : lines) configs.push_back(line.config);
  return configs;
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
  return ratio_of(right_us(line, base), right_us(line, path));
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
  for (const RowGroup& group : by_config(rows)) {
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
