#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mhabench/base/json.h"
#include "mhabench/compare/comparison_report.h"
#include "mhabench/compare/comparison_text.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

void add(Json& json, const char* key, const std::optional<double>& value) {
  if (value) json[key] = *value;
}

void add(Json& json, const std::optional<Interval>& interval) {
  if (!interval) return;
  json["low"] = interval->low;
  json["high"] = interval->high;
}

Json json_of(const Runs& side) {
  Json json;
  json["files"] = side.files;
  json["runs"] = side.count;
  json["within_process"] = side.within_process;
  json["by_median"] = side.by_median;
  json["rows"] = side.rows.size();
  return json;
}

Json json_of(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (const Difference& difference : differences) {
    list.push_back({{"key", difference.key}, {"base", difference.base}, {"new", difference.next}});
  }
  return list;
}

Json json_of(const TimeComparison& time) {
  Json json;
  json["base_us"] = time.base_us;
  json["new_us"] = time.next_us;
  json["ratio"] = time.ratio();
  add(json, time.interval);
  add(json, "run_sd", time.deviation);
  if (time.deviation) json["freedom"] = time.freedom;
  add(json, "p_slower", time.p_slower);
  add(json, "p_faster", time.p_faster);
  add(json, "fdr_slower", time.rate_slower);
  add(json, "fdr_faster", time.rate_faster);
  json["verdict"] = name_of(time.verdict);
  return json;
}

Json json_of(const RowComparison& row) {
  Json json;
  json["name"] = row.name;
  json["path"] = row.path;
  json["state"] = name_of(row.state);
  json["worse"] = row.is_worse();
  if (!row.note.empty()) json["note"] = row.note;
  for (const TimeComparison& time : row.times) {
    json["clocks"][std::string(name_of(time.clock))] = json_of(time);
  }
  return json;
}

Json json_of(const PathComparison& path) {
  Json json;
  json["path"] = path.path;
  json["clock"] = name_of(path.clock);
  json["rows"] = path.rows;
  if (path.complete > 0) json["ratio"] = path.ratio.ratio;
  add(json, path.ratio.interval);
  for (const TimeVerdict verdict : kVerdicts) {
    json[std::string(name_of(verdict))] = path.count(verdict);
  }
  return json;
}

Json counts_json(const Comparison& all) {
  Json json;
  json["rows"] = all.rows.size();
  json["worse"] = all.worse();
  json["undecided"] = all.undecided();
  json["compared"] = all.count(RowState::compared);
  if (all.settings.common) json["left_out"] = all.left_out;
  for (const RowState state : kStates) json[std::string(name_of(state))] = all.count(state);
  return json;
}

}  // namespace

std::string comparison_json(const Comparison& all) {
  Json json;
  json["mhabench_comparison"] = 1;
  json["answer"] = comparison_answer(all);
  json["threshold"] = all.settings.threshold;
  json["false_discovery_rate"] = all.settings.discovery_rate;
  json["noise"] = noise_text(all);
  json["base"] = json_of(all.base);
  json["new"] = json_of(all.next);
  json["forced"] = json_of(all.forced);
  json["changed"] = json_of(all.changed);
  json["counts"] = counts_json(all);
  json["paths"] = Json::array();
  for (const PathComparison& path : all.paths) json["paths"].push_back(json_of(path));
  json["rows"] = Json::array();
  for (const RowComparison& row : all.rows) json["rows"].push_back(json_of(row));
  return dumped(json, 2) + '\n';
}

}  // namespace mhabench
