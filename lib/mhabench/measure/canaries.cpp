#include "mhabench/measure/canaries.h"

#include <exception>
#include <utility>

#include <nlohmann/json.hpp>

#include "mhabench/base/text.h"
#include "mhabench/results/row_json.h"

namespace mhabench {

using Json = nlohmann::ordered_json;
using Seconds = std::chrono::duration<double>;

Canaries::Canaries(double every_s, std::string device, CanarySource source)
    : every_s_(every_s),
      device_(std::move(device)),
      source_(std::move(source)),
      start_(source_.now()) {}

void Canaries::look() {
  if (last_ && Seconds(source_.now() - *last_).count() < every_s_) return;
  auto reading = read();
  if (!reading) return;
  reading_ = std::move(reading);
  row_.clear();
}

std::optional<CanaryReading> Canaries::before(const std::string& row_name) {
  if (row_.empty()) row_ = row_name;
  return row_ == row_name ? reading_ : std::nullopt;
}

Json Canaries::finish() {
  const auto reading = read();
  Json canary{{"device", device_}};
  canary.update(reading ? canary_json(*reading) : Json{{"problem", problem_}});
  return Json::array({canary});
}

std::optional<CanaryReading> Canaries::read() {
  if (!problem_.empty()) return std::nullopt;
  CanaryReading reading;
  reading.seconds = Seconds(source_.now() - start_).count();
  try {
    reading.us = source_.time_us();
  } catch (const std::exception& error) {
    problem_ = "failed: " + first_line(error.what());  // LibTorch's have a backtrace behind it
    return std::nullopt;
  }
  reading.sm_mhz = source_.sm_mhz();
  last_ = source_.now();
  return reading;
}

// Repetitions of a row all hold the one before it.
void gather_canaries(Json& document) {
  Json canaries = Json::array();
  for (Json& report : document.at("benchmarks")) {
    const auto found = report.find("canary");
    if (found == report.end()) continue;
    Json canary{{"before_row", report.at("name")}, {"device", report.at("device")}};
    canary.update(*found);
    report.erase("canary");
    if (canaries.empty() || canaries.back() != canary) canaries.push_back(std::move(canary));
  }
  Json& context = document.at("context");
  for (const Json& canary : context.value("canaries", Json::array())) canaries.push_back(canary);
  if (!canaries.empty()) context["canaries"] = std::move(canaries);
}

}  // namespace mhabench
