#include "mhabench/compare/noise_model.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/base/text_file.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr Clock kClocks[] = {Clock::busy, Clock::event};

std::vector<RowTimes> times_of(const Runs& runs, Clock clock) {
  std::vector<RowTimes> rows;
  for (const RunsRow& row : runs.rows) {
    const Times& times = row.times(clock, row.has_medians());
    if (known(times) > 0) rows.push_back({row.path, times, {}});
  }
  return rows;
}

Json json_of(const NoiseGroup& key, const GroupNoise& noise) {
  Json json;
  json["path"] = key.first;
  if (key.second) json["decade"] = *key.second;
  json["rows"] = noise.rows;
  json["run_sd"] = std::sqrt(noise.run.value);
  json["run_freedom"] = noise.run.freedom;
  json["row_sd"] = std::sqrt(noise.row.value);
  json["row_freedom"] = noise.row.freedom;
  return json;
}

double number_in(const Json& json, const char* key, int lowest, int highest) {
  const auto value = required<double>(json, key);
  if (value >= lowest && value <= highest) return value;
  throw InputError("'" + std::string(key) + "' is not a number from " + std::to_string(lowest) +
                   " to " + std::to_string(highest));
}

Variance variance_from(const Json& json, const char* deviation, const char* freedom) {
  constexpr int kMost = 1'000'000'000;
  const double sd = number_in(json, deviation, 0, kMost);
  return {sd * sd, number_in(json, freedom, 0, kMost)};
}

std::pair<NoiseGroup, GroupNoise> group_from(const Json& json) {
  NoiseGroup key{required<std::string>(json, "path"), std::nullopt};
  constexpr int kDecades = 400;  // of any double
  if (json.contains("decade")) {
    key.second = static_cast<int>(number_in(json, "decade", -kDecades, kDecades));
  }
  return {key,
          {variance_from(json, "run_sd", "run_freedom"),
           variance_from(json, "row_sd", "row_freedom"), required<std::size_t>(json, "rows")}};
}

NoiseModel model_from(const Json& json) {
  const Json* const schema = find_member(json, "mhabench_noise_model");
  if (schema == nullptr) throw InputError("is no noise model of --calibrate");
  if (*schema != kSchema) {
    throw InputError("'mhabench_noise_model' is not " + std::to_string(kSchema));
  }
  const Json* const clocks = find_member(json, "clocks");
  if (clocks == nullptr) throw InputError("has no 'clocks'");
  NoiseModel model;
  model.gpu_name = member<std::string>(json, "gpu_name").value_or("");
  model.runs = required<std::size_t>(json, "runs");
  for (const Clock clock : kClocks) {
    const Json* const groups = find_member(*clocks, std::string(name_of(clock)));
    if (groups == nullptr) continue;
    for (const Json& group : *groups) model.clocks[clock].insert(group_from(group));
  }
  return model;
}

}  // namespace

NoiseModel calibrated(const Runs& runs, std::string gpu_name) {
  if (runs.count < 2) throw InputError("noise between runs takes at least 2 runs of one build");
  NoiseModel model{std::move(gpu_name), runs.count, {}};
  for (const Clock clock : kClocks) {
    const std::vector<RowTimes> rows = times_of(runs, clock);
    const Noise noise(rows);
    if (!noise.groups().empty()) model.clocks[clock] = noise.groups();
  }
  if (model.clocks.empty()) {
    throw InputError("no path has " + std::to_string(Noise::kFewestRows) +
                     " rows with a time in every run, the fewest that tell their noise");
  }
  return model;
}

std::string noise_model_json(const NoiseModel& model) {
  Json json;
  json["mhabench_noise_model"] = kSchema;
  if (!model.gpu_name.empty()) json["gpu_name"] = model.gpu_name;
  json["runs"] = model.runs;
  json["clocks"] = Json::object();
  for (const auto& [clock, groups] : model.clocks) {
    Json& list = json["clocks"][std::string(name_of(clock))];
    for (const auto& [key, noise] : groups) list.push_back(json_of(key, noise));
  }
  return json.dump(2) + '\n';
}

NoiseModel parse_noise_model(std::string_view text, const std::string& name) {
  return in_file(name, [&] { return model_from(parse_json(text)); });
}

NoiseModel read_noise_model(const std::filesystem::path& path) {
  return in_file(path.string(), [&] { return model_from(read_json(path)); });
}

}  // namespace mhabench
