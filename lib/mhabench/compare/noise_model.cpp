#include "mhabench/compare/noise_model.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "mhabench/base/json_text.h"
#include "mhabench/base/text.h"
#include "mhabench/base/text_file.h"

namespace mhabench {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr Clock kClocks[] = {Clock::busy, Clock::event};

std::vector<RowTimes> times_of(const Runs& runs, Clock clock) {
  std::vector<RowTimes> rows;
  for (const RunsRow& row : runs.rows) {
    // As in a comparison: the median where all runs have it.
    const std::size_t medians = known(row.event_median);
    const bool by_median = medians > 0 && medians == row.right;
    const Times& event = by_median ? row.event_median : row.real_time;
    const Times& times = clock == Clock::busy ? row.busy : event;
    if (std::ranges::any_of(times, [](const auto& time) { return time.has_value(); })) {
      rows.push_back({row.path, times, {}});
    }
  }
  return rows;
}

OrderedJson json_of(const NoiseGroup& key, const GroupNoise& noise) {
  OrderedJson json;
  json["path"] = key.first;
  if (key.second) json["decade"] = *key.second;
  json["rows"] = noise.rows;
  json["run_sd"] = std::sqrt(noise.run.value);
  json["run_freedom"] = noise.run.freedom;
  json["row_sd"] = std::sqrt(noise.row.value);
  json["row_freedom"] = noise.row.freedom;
  return json;
}

double positive(const Json& json, const char* key) {
  const double value = json.at(key).get<double>();
  constexpr double kMost = 1e9;
  if (value >= 0 && value <= kMost) return value;
  throw InputError("'" + std::string(key) + "' is not a number from 0 to 1e9");
}

std::pair<NoiseGroup, GroupNoise> group_from(const Json& json) {
  NoiseGroup key{json.at("path").get<std::string>(), std::nullopt};
  if (json.contains("decade")) key.second = json.at("decade").get<int>();
  const auto variance = [&](const char* deviation, const char* freedom) {
    const double sd = positive(json, deviation);
    return Variance{sd * sd, positive(json, freedom)};
  };
  return {key,
          {variance("run_sd", "run_freedom"), variance("row_sd", "row_freedom"),
           json.at("rows").get<std::size_t>()}};
}

NoiseModel model_from(const Json& json) {
  if (json.at("mhabench_noise_model").get<int>() != kSchema) {
    throw InputError("'mhabench_noise_model' is not " + std::to_string(kSchema));
  }
  NoiseModel model;
  model.gpu_name = json.value("gpu_name", "");
  model.runs = json.at("runs").get<std::size_t>();
  for (const Clock clock : kClocks) {
    const std::string name(name_of(clock));
    if (!json.at("clocks").contains(name)) continue;
    for (const Json& group : json.at("clocks").at(name)) {
      model.clocks[clock].insert(group_from(group));
    }
  }
  return model;
}

std::string without_code(std::string_view message) {
  const std::size_t end = message.find("] ");
  return std::string(message.substr(end == std::string_view::npos ? 0 : end + 2));
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
  OrderedJson json;
  json["mhabench_noise_model"] = kSchema;
  if (!model.gpu_name.empty()) json["gpu_name"] = model.gpu_name;
  json["runs"] = model.runs;
  json["clocks"] = OrderedJson::object();
  for (const auto& [clock, groups] : model.clocks) {
    OrderedJson& list = json["clocks"][std::string(name_of(clock))];
    for (const auto& [key, noise] : groups) list.push_back(json_of(key, noise));
  }
  return json.dump(2) + '\n';
}

NoiseModel parse_noise_model(std::string_view text, const std::string& name) {
  try {
    return model_from(parse_json<Json>(text));
  } catch (const InputError& error) {
    throw InputError(one_line("'" + name + "': " + error.what()));
  } catch (const Json::exception& error) {
    throw InputError(
        one_line("'" + name + "' is no noise model of --calibrate: " + without_code(error.what())));
  }
}

NoiseModel read_noise_model(const std::filesystem::path& path) {
  std::string text;
  try {
    text = read_text(path, kMostJsonBytes);
  } catch (const InputError& error) {
    throw InputError(one_line("'" + path.string() + "': " + error.what()));
  }
  return parse_noise_model(text, path.string());
}

}  // namespace mhabench
