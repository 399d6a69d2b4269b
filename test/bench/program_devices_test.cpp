#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/program.h"

/// Rows on several devices at once, in the program itself; two processes on the CPU stand in for
/// two GPUs.
namespace mhabench::bench {
namespace {

using nlohmann::json;
using test::Arguments;
using test::count_of;
using test::Outcome;
using test::operator+;

class ProgramDevices : public test::ProgramTest {
 protected:
  static Arguments four_configurations() {
    return {"--dtype=fp32",           "--batch=2", "--seq_len=8",
            "--embed_dim=16",         "--beta=1",  "--heads=2,4,8,16",
            "--benchmark_min_time=3x"};
  }

  Outcome run_on_two(int status, const Arguments& more) {
    const Outcome outcome =
        test::run(faulty(four_configurations() + Arguments{"--devices=cpu,cpu"} + more));
    EXPECT_EQ(outcome.status, status) << outcome.out << outcome.err;
    return outcome;
  }

  std::vector<std::string> names_of(std::string_view file) {
    std::vector<std::string> names;
    for (const json& row : read_rows(file)) names.push_back(row.at("name"));
    return names;
  }
};

TEST_F(ProgramDevices, BothGetRowsAndTheFileIsThatOfOne) {
  run_on_two(0, {"--path=slow,slow_motion", "--benchmark_out=two.json"});
  const Outcome one =
      test::run(faulty(four_configurations() + Arguments{"--device=cpu", "--path=slow,slow_motion",
                                                         "--benchmark_out=one.json"}));
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(names_of("two.json"), names_of("one.json"));
  EXPECT_EQ(files(), (Arguments{"one.json", "two.json"}));
  const json context = read_json("two.json").at("context");
  EXPECT_EQ(context.at("device"), "cpu,cpu");
  ASSERT_EQ(context.at("devices").size(), 2u);
  const int first = context.at("devices").at(0).at("rows");
  const int second = context.at("devices").at(1).at("rows");
  EXPECT_EQ(first + second, 8);
  EXPECT_GT(first, 0);
  EXPECT_GT(second, 0);
}

TEST_F(ProgramDevices, ADeathTakesItsRowAlone) {
  const Outcome outcome = run_on_two(1, {"--path=slow,aborts,fast", "--benchmark_out=rows.json"});
  int failed = 0;
  for (const json& row : read_rows("rows.json")) {
    if (row.value("error_occurred", false)) {
      ++failed;
      EXPECT_EQ(row.at("path"), "aborts");
      EXPECT_EQ(row.at("error_message"), "killed by signal 6 (Aborted)");
      EXPECT_EQ(row.at("device"), "cpu");
    } else {
      EXPECT_EQ(row.at("errors"), 0);
    }
    if (row.at("path") != "fast") continue;
    EXPECT_EQ(row.at("agrees"), 1) << "with slow of another process";
  }
  EXPECT_EQ(failed, 4);
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 4 of 12\n"), std::string::npos);
}

TEST_F(ProgramDevices, EachHasItsCanaries) {
  run_on_two(0, {"--path=slow,slow_motion", "--canary=3600", "--benchmark_out=rows.json"});
  const json file = read_json("rows.json");
  int at_the_end = 0;
  for (const json& canary : file.at("context").at("canaries")) {
    EXPECT_EQ(canary.at("device"), "cpu");
    EXPECT_GT(canary.at("us"), 0);
    if (!canary.contains("before_row")) ++at_the_end;
  }
  EXPECT_EQ(at_the_end, 2);
  EXPECT_EQ(file.at("context").at("canaries").size(), 4u);
}

TEST_F(ProgramDevices, PathsThatTakeTurnsStayTogether) {
  run_on_two(0, {"--rounds=2", "--benchmark_out=rows.json"});
  EXPECT_EQ(read_rows("rows.json").size(), 8u);
  EXPECT_EQ(read_json("rows.json").at("pairs").size(), 4u);
}

TEST_F(ProgramDevices, RepetitionsAndTheirStatisticsArrive) {
  const Outcome outcome =
      run_on_two(0, {"--benchmark_repetitions=3", "--benchmark_format=console", "--heads=2,4,8",
                     "--benchmark_display_aggregates_only", "--benchmark_out=rows.json"});
  EXPECT_EQ(count_of("manual_time_median", outcome.out), 6) << outcome.out;
  EXPECT_EQ(count_of("/manual_time ", outcome.out), 0) << "repetitions are not shown";
  EXPECT_EQ(count_of("\"run_type\": \"iteration\"", read("rows.json")), 18);
}

TEST_F(ProgramDevices, WhatASignalEndsOneProcessGoesOnWith) {
  test::Command command =
      faulty(four_configurations() + Arguments{"--devices=cpu,cpu", "--path=slow,slow_motion",
                                               "--benchmark_out=rows.json"});
  command.signals = {{std::chrono::milliseconds(0), SIGINT, "\"begins\":\"MHA/slow_motion/",
                      dir_ / "rows.json.journal"}};
  const Outcome cut = test::run(command);
  EXPECT_EQ(cut.status, 130) << cut.err;
  EXPECT_EQ(count_of("ending after the row in flight", cut.err), 1) << cut.err;
  const int kept = count_of("\"finished\":", read("rows.json.journal"));
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, 8);
  const Outcome rest =
      test::run(faulty(four_configurations() + Arguments{"--device=cpu", "--path=slow,slow_motion",
                                                         "--benchmark_out=rows.json", "--resume"}));
  EXPECT_EQ(rest.status, 0) << rest.err;
  const std::string line = std::to_string(kept) + (kept == 1 ? " row of" : " rows of") + " 8 kept";
  EXPECT_NE(rest.err.find(line), std::string::npos) << rest.err;
  EXPECT_EQ(read_rows("rows.json").size(), 8u);
  EXPECT_EQ(files(), Arguments{"rows.json"});
}

TEST_F(ProgramDevices, WhereNoRowMatchesItSaysSoOnce) {
  const Outcome outcome = test::run(
      faulty(four_configurations() + Arguments{"--devices=cpu,cpu", "--benchmark_filter=absent"}));
  EXPECT_EQ(outcome.status, 3) << outcome.err;
  EXPECT_EQ(count_of("no row matches", outcome.err), 1) << outcome.err;
}

TEST_F(ProgramDevices, WhereNoneIsLeftTheRunEndsAndSaysSo) {
  std::filesystem::create_directory(dir_ / "deaths");
  for (const char* const death : {"deaths/1", "deaths/2", "deaths/3", "deaths/4"}) write(death, "");
  const Outcome outcome = test::run(faulty(four_configurations() + Arguments{"--devices=cpu,cpu"},
                                           {{"MHABENCH_TEST_DEATHS", (dir_ / "deaths").string()}}));
  EXPECT_EQ(outcome.status, 5) << outcome.out;
  EXPECT_EQ(count_of("cpu: two processes in turn ended outside of a row", outcome.err), 2)
      << outcome.err;
}

TEST_F(ProgramDevices, ItsFlagsAreChecked) {
  const struct {
    Arguments arguments;
    std::string message;
  } cases[] = {
      {{"--devices=cpu,gpu"},
       "--devices: unknown device 'gpu' (allowed: auto, cpu, cuda, cuda:N), did you mean 'cuda'?"},
      {{"--devices=cuda"}, "--devices: 'cuda' is no single device (all, or a list such as 0,1)"},
      {{"--devices=1,cuda:1"}, "--devices: 'cuda:1' is there twice"},
      {{"--devices=cpu", "--device=cpu"}, "--devices and --device exclude each other: "},
      {{"--devices=cpu", "--kernels_out=k"}, "--devices and --kernels_out exclude each other: "}};
  for (const auto& [arguments, message] : cases) {
    const Outcome outcome = run_to(2, arguments);
    EXPECT_EQ(outcome.err.substr(0, 11 + message.size()), "mha_bench: " + message);
  }
}

}  // namespace
}  // namespace mhabench::bench
