#include "support/program.h"

#include <set>
#include <stdexcept>

namespace mhabench::test {

Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Arguments tiny_run() {
  return {"--device=cpu",   "--threads=1", "--batch=2", "--seq_len=8",
          "--embed_dim=16", "--heads=2",   "--beta=1",  "--benchmark_min_time=3x"};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      ADD_FAILURE() << "no line end after '" << text << "'";
      lines.emplace_back(text);
      break;
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

int count_of(std::string_view part, std::string_view text) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at)) {
    ++count;
    at += part.size();
  }
  return count;
}

nlohmann::json strict_json(const std::string& text) {
  using Json = nlohmann::json;
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto check = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto key = parsed.get<std::string>();
      if (!keys.back().insert(key).second) throw std::runtime_error("'" + key + "' stands twice");
    }
    return true;
  };
  return Json::parse(text, check);
}

nlohmann::json without_times(nlohmann::json rows) {
  for (nlohmann::json& row : rows) {
    for (const char* const key :
         {"real_time", "cpu_time", "event_us_median", "event_us_p05", "event_us_p95", "event_ci",
          "samples", "calls_per_sample", "pack_us", "unpack_us", "tflops", "floor_us", "over_floor",
          "sm_mhz", "throttled"}) {
      row.erase(key);
    }
  }
  return rows;
}

Command ProgramTest::faulty(const Arguments& arguments, const Environment& environment) const {
  Command command = this->command(arguments, environment);
  command.arguments.front() = MHABENCH_FAULTY_PROGRAM;
  return command;
}

Command ProgramTest::command(const Arguments& arguments, const Environment& environment) const {
  Command command;
  command.arguments = Arguments{program_} + arguments;
  command.environment = environment;
  command.directory = dir_.path();
  return command;
}

Outcome ProgramTest::run(const Arguments& arguments, const Environment& environment) const {
  return test::run(command(arguments, environment));
}

Outcome ProgramTest::run_to(int status, const Arguments& arguments,
                            const Environment& environment) const {
  Outcome outcome = run(arguments, environment);
  EXPECT_EQ(outcome.status, status) << outcome.out << outcome.err;
  return outcome;
}

}  // namespace mhabench::test
