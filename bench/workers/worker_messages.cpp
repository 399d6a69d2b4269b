#include "bench/workers/worker_messages.h"

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;

// Texts may quote bytes that are no UTF-8.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const Hello& hello) {
  return {{"hello",
           {{"device", hello.device},
            {"device_line", hello.device_line},
            {"notice", hello.notice},
            {"why_no_trace", hello.why_no_trace},
            {"context", hello.context},
            {"state", hello.state}}}};
}
Json json_of(const Ready& ready) { return {{"ready", {{"peaks", ready.peaks}}}}; }
Json json_of(const Begun& begun) { return {{"begun", begun.row}}; }
Json json_of(const Finished& finished) {
  return {{"finished", {{"name", finished.row.name}, {"reports", finished.row.reports}}}};
}
Json json_of(const Farewell& farewell) {
  return {
      {"farewell",
       {{"state", farewell.state}, {"phases", farewell.phases}, {"canaries", farewell.canaries}}}};
}
Json json_of(const Assignment& assignment) {
  return {{"rows", assignment.rows}, {"seen", assignment.seen}};
}
Json json_of(const GoOn&) { return {{"go_on", true}}; }
Json json_of(const Stop&) { return {{"stop", true}}; }

Hello hello_of(const Json& json) {
  return {json.at("device"),       json.at("device_line"), json.at("notice"),
          json.at("why_no_trace"), json.at("context"),     json.at("state")};
}

}  // namespace

std::string text_of(const FromWorker& message) {
  return std::visit([](const auto& words) { return line_of(json_of(words)); }, message);
}

std::string text_of(const ToWorker& message) {
  return std::visit([](const auto& words) { return line_of(json_of(words)); }, message);
}

FromWorker parse_from_worker(std::string_view line) {
  const Json json = Json::parse(line);
  if (json.contains("hello")) return hello_of(json.at("hello"));
  if (json.contains("begun")) return Begun{json.at("begun")};
  if (json.contains("finished")) {
    const Json& row = json.at("finished");
    return Finished{{row.at("name"), row.at("reports").get<std::vector<Json>>()}};
  }
  if (json.contains("farewell")) {
    const Json& words = json.at("farewell");
    return Farewell{words.at("state"), words.at("phases"), words.at("canaries")};
  }
  return Ready{json.at("ready").at("peaks")};
}

ToWorker parse_to_worker(std::string_view line) {
  const Json json = Json::parse(line);
  if (json.contains("stop")) return Stop{};
  if (json.contains("go_on")) return GoOn{};
  return Assignment{json.at("rows"), json.at("seen")};
}

}  // namespace mhabench::bench
