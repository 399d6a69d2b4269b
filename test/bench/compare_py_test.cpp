#include <filesystem>
#include <optional>
#include <regex>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "support/program.h"

namespace mhabench::bench {
namespace {

using test::Arguments;
using test::Outcome;
using test::tiny_run;
using test::operator+;

// Google Benchmark's own tool on this program's results.
class ComparePy : public test::ProgramTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(MHABENCH_COMPARE_PY)) {
      GTEST_SKIP() << MHABENCH_COMPARE_PY << " is not there: libbenchmark-tools is not installed";
    }
  }

  // What it prints; absent where no interpreter has what it imports.
  std::optional<std::string> compare(const Arguments& arguments) const {
    for (const std::string python : {MHABENCH_PYTHON, "python3"}) {
      const std::optional<Outcome> outcome = compare_by(python, arguments);
      if (!outcome || outcome->err.find("ModuleNotFoundError") != std::string::npos) continue;
      EXPECT_EQ(outcome->status, 0) << outcome->out << outcome->err;
      return outcome->out;
    }
    return std::nullopt;
  }

  static constexpr const char* kNoPython = "no python3 with numpy and scipy";

 private:
  std::optional<Outcome> compare_by(const std::string& python, const Arguments& arguments) const {
    test::Command command;
    command.arguments = Arguments{python, MHABENCH_COMPARE_PY, "--no-color"} + arguments;
    command.directory = dir_.path();
    try {
      return test::run(command);
    } catch (const std::system_error&) {
      return std::nullopt;  // there is no such interpreter
    }
  }
};

bool has_row(const std::string& table, const std::string& name, const std::string& times) {
  return std::regex_search(table, std::regex("(^|\n)" + name + " +" + times));
}

TEST_F(ComparePy, PairsTheRowsOfTwoRuns) {
  run_to(0, tiny_run() + Arguments{"--benchmark_out=a.json"});
  nlohmann::json file = read_json("a.json");
  nlohmann::json& slow = file.at("benchmarks").at(0);
  slow["real_time"] = slow.at("real_time").get<double>() * 3;
  write("b.json", file.dump());
  const auto compared = compare({"benchmarks", "a.json", "b.json"});
  if (!compared) GTEST_SKIP() << kNoPython;
  const std::string& table = *compared;
  const std::string name(test::kTinyName);
  EXPECT_TRUE(has_row(table, "MHA/slow/" + name, "\\+2\\.0000 +\\+0\\.0000 ")) << table;
  EXPECT_TRUE(has_row(table, "MHA/fast/" + name, "\\+0\\.0000 +\\+0\\.0000 ")) << table;
}

TEST_F(ComparePy, RunsTheProgramToHoldFastAgainstSlow) {
  const auto compared = compare(Arguments{"filters", MHABENCH_BENCH_PROGRAM, "/slow/", "/fast/"} +
                                tiny_run() + Arguments{"--beta=1,2"});
  if (!compared) GTEST_SKIP() << kNoPython;
  const std::string& table = *compared;
  for (const char* const beta : {"1", "2"}) {
    const std::string name =
        "MHA\\[/slow/ vs. /fast/\\]fp32/batch:2/seq_len:8/embed_dim:16/heads:2/beta:" +
        std::string(beta) + "/manual_time";
    EXPECT_TRUE(has_row(table, name, "[-+][0-9.]+ +[-+][0-9.]+ ")) << table;
  }
}

}  // namespace
}  // namespace mhabench::bench
