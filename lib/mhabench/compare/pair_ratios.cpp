#include "mhabench/compare/pair_ratios.h"

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "mhabench/base/statistics.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

constexpr std::size_t kFewestRounds = 2;

// The rows of one configuration, which stand side by side.
using Group = std::vector<const Row*>;

std::vector<Group> groups_of(const std::vector<Row>& rows) {
  std::vector<Group> groups;
  for (const Row& row : rows) {
    if (groups.empty() || groups.back().front()->config != row.config) groups.emplace_back();
    groups.back().push_back(&row);
  }
  return groups;
}

const Row& base_of(const Group& group) {
  const auto slow =
      std::find_if(group.begin(), group.end(), [](const Row* row) { return row->path == "slow"; });
  return slow == group.end() ? *group.front() : **slow;
}

std::string verdict_of(const PairRatio& pair, RatioVerdict verdict) {
  if (verdict == RatioVerdict::undecided) return "undecided";
  return verdict == RatioVerdict::faster ? pair.path : pair.base;
}

void add_ratio(const Row& base, const Row& path, const char* clock,
               std::vector<double> Row::*rounds, std::vector<PairRatio>& ratios) {
  const std::vector<double>& of_base = base.*rounds;
  const std::vector<double>& of_path = path.*rounds;
  if (of_base.size() < kFewestRounds || of_base.size() != of_path.size()) return;
  const RatioOverRounds found = ratio_over_rounds(of_base, of_path);
  PairRatio pair{base.path,          path.path,           base.config,  clock, found.ratio,
                 found.interval.low, found.interval.high, found.rounds, {}};
  pair.verdict = verdict_of(pair, found.verdict);
  ratios.push_back(std::move(pair));
}

// What a wrong row takes the less time for is another thing.
bool is_right(const Row& row) {
  return row.status == RowStatus::measured && row.errors.value_or(0) == 0;
}

}  // namespace

std::vector<PairRatio> ratios_of(const std::vector<Row>& rows) {
  std::vector<PairRatio> ratios;
  for (const Group& group : groups_of(rows)) {
    const Row& base = base_of(group);
    for (const Row* path : group) {
      if (path == &base || !is_right(base) || !is_right(*path)) continue;
      add_ratio(base, *path, "event", &Row::event_rounds_us, ratios);
      add_ratio(base, *path, "busy", &Row::busy_rounds_us, ratios);
    }
  }
  return ratios;
}

nlohmann::ordered_json ratios_json(const std::vector<PairRatio>& ratios) {
  auto list = nlohmann::ordered_json::array();
  for (const PairRatio& pair : ratios) {
    list.push_back({{"base", pair.base},
                    {"path", pair.path},
                    {"configuration", config_name(pair.config)},
                    {"clock", pair.clock},
                    {"ratio", pair.ratio},
                    {"interval", {pair.low, pair.high}},
                    {"rounds", pair.rounds},
                    {"verdict", pair.verdict}});
  }
  return list;
}

}  // namespace mhabench
