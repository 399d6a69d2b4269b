#include <chrono>
#include <csignal>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/program.h"

/// Rows that fail, each in its own way, in the program itself.
namespace mhabench::bench {
namespace {

using nlohmann::json;
using test::Arguments;
using test::count_of;
using test::kTinyName;
using test::Outcome;
using test::tiny_run;
using test::operator+;

class ProgramFaults : public test::ProgramTest {
 protected:
  // slow, the path that fails, fast; what is left of the run is in rows.json.
  Outcome run_with(const std::string& path, int status, const Arguments& more = {}) {
    const Outcome outcome = test::run(
        faulty(tiny_run() +
               Arguments{"--path=slow," + path + ",fast", "--benchmark_out=rows.json"} + more));
    EXPECT_EQ(outcome.status, status) << outcome.out << outcome.err;
    return outcome;
  }

  // The row of the path that failed; slow and fast stand beside it, right.
  json failed_row() {
    const json rows = read_rows("rows.json");
    EXPECT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows.at(0).at("errors"), 0);
    EXPECT_EQ(rows.at(2).at("errors"), 0);
    EXPECT_EQ(rows.at(2).at("agrees"), 1) << "held against slow all the same";
    EXPECT_EQ(files(), Arguments{"rows.json"});
    return rows.at(1);
  }

  void expect_failed(const std::string& path, const std::string& message) {
    const Outcome outcome = run_with(path, 1);
    const json row = failed_row();
    EXPECT_EQ(row.at("name"), "MHA/" + path + '/' + std::string(kTinyName));
    EXPECT_EQ(row.at("error_occurred"), true);
    EXPECT_EQ(row.at("error_message"), message);
    EXPECT_EQ(row.at("batch"), 2);
    EXPECT_EQ(row.at("tokens"), 10);
    EXPECT_EQ(row.at("path"), path);
    EXPECT_NE(outcome.out.find("\nfailed: MHA/" + path +
                               "/fp32/batch:2/seq_len:8/embed_dim:16/"
                               "heads:2/beta:1: " +
                               message + "\nWrong or failed rows: 1 of 3\n"),
              std::string::npos)
        << outcome.out;
  }
};

TEST_F(ProgramFaults, AnExceptionIsThatRowsFailure) { expect_failed("throws", "lost its way"); }

TEST_F(ProgramFaults, WhatIsNoExceptionOfTheLibraryIsTheSame) {
  expect_failed("throws_a_number", "something that is no std::exception was thrown");
}

TEST_F(ProgramFaults, BadAllocIsThatRowsFailure) { expect_failed("bad_alloc", "std::bad_alloc"); }

TEST_F(ProgramFaults, WhereMemoryRunsOutTheRowSaysWhatItAskedFor) {
  run_with("out_of_memory", 1);
  EXPECT_EQ(failed_row().at("bytes_asked"), 0x1p60);
}

TEST_F(ProgramFaults, WhereTheDevicesMemoryRunsOutTheRowIsTriedOnceMore) {
  run_with("out_of_memory_once", 0);
  EXPECT_EQ(failed_row().value("error_occurred", false), false);
  run_with("out_of_memory_always", 1);
  const json row = failed_row();
  EXPECT_EQ(row.at("error_message"),
            "CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has ...");
  EXPECT_EQ(row.at("bytes_asked"), 1.5 * 0x1p30);
}

TEST_F(ProgramFaults, InRoundsARowFailsAlike) {
  for (const std::string path : {"throws", "throws_a_number", "out_of_memory_always"}) {
    run_with(path, 1, {"--rounds=2"});
    EXPECT_EQ(failed_row().at("error_occurred"), true) << path;
  }
  run_with("out_of_memory_once", 0, {"--rounds=2"});
  EXPECT_EQ(failed_row().at("errors"), 0);
}

TEST_F(ProgramFaults, AnOutputThatIsNotFiniteIsAWrongRowWithItsTime) {
  const Outcome outcome = run_with("nonfinite", 1);
  const json row = failed_row();
  EXPECT_FALSE(row.value("error_occurred", false));
  EXPECT_EQ(row.at("errors"), 1);
  EXPECT_EQ(row.at("nonfinite"), 1);
  EXPECT_GT(row.at("real_time"), 0);
  EXPECT_FALSE(row.contains("max_abs_err") || row.contains("rel_err")) << row;
  EXPECT_NE(outcome.out.find(": 1 elements are NaN or inf\nWrong or failed rows: 1 of 3\n"),
            std::string::npos)
      << outcome.out;
}

// --- In a process of their own

class ProgramSupervised : public ProgramFaults {
 protected:
  void expect_lost(const std::string& path, const std::string& death, const Arguments& more = {}) {
    const Outcome outcome = run_with(path, 1, Arguments{"--supervise"} + more);
    const json row = failed_row();
    EXPECT_EQ(row.at("name"), "MHA/" + path + '/' + std::string(kTinyName));
    EXPECT_EQ(row.at("error_occurred"), true);
    EXPECT_EQ(row.at("error_message"), death);
    EXPECT_EQ(row.at("tokens"), 10);
    EXPECT_EQ(row.at("family_index"), 1);
    EXPECT_NE(outcome.out.find("\nfailed: MHA/" + path + '/'), std::string::npos) << outcome.out;
    EXPECT_EQ(count_of("Wrong or failed rows: 1 of 3\n", outcome.out), 1) << outcome.out;
    EXPECT_EQ(count_of("CPU: ", outcome.out), 1) << outcome.out;
    EXPECT_NE(outcome.err.find("mha_bench: the process that ran the rows was lost: " + death +
                               "; the next one goes on\n"),
              std::string::npos)
        << outcome.err;
  }
};

TEST_F(ProgramSupervised, ARunWithoutDeathsIsAsAnyOther) {
  const Outcome outcome =
      run_to(0, tiny_run() + Arguments{"--supervise", "--benchmark_out=rows.json"});
  EXPECT_EQ(read_rows("rows.json").size(), 2u);
  EXPECT_EQ(files(), Arguments{"rows.json"});
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 0 of 2\n"), std::string::npos);
}

TEST_F(ProgramSupervised, WhereNoRowMatchesItSaysSo) {
  const Outcome outcome =
      run_to(3, tiny_run() + Arguments{"--supervise", "--benchmark_filter=absent"});
  EXPECT_EQ(outcome.err.find("mha_bench: no row matches --benchmark_filter='absent'"), 0U)
      << outcome.err;
  EXPECT_EQ(test::count_of("\n", outcome.err), 1) << outcome.err;
}

TEST_F(ProgramSupervised, AnAbortIsThatRowsFailure) {
  expect_lost("aborts", "killed by signal 6 (Aborted)");
}

TEST_F(ProgramSupervised, ASegmentationFaultIsThatRowsFailure) {
  expect_lost("segfaults", "killed by signal 11 (Segmentation fault)");
}

TEST_F(ProgramSupervised, AKillIsThatRowsFailure) {
  expect_lost("is_killed", "killed by signal 9 (Killed), as the kernel does where memory runs out");
}

TEST_F(ProgramSupervised, ARowThatNeverEndsIsThatRowsFailure) {
  expect_lost("hangs", "made no progress for 3 s", {"--row_timeout=3"});
}

TEST_F(ProgramSupervised, InRoundsTheRowThatDiedIsTheOneThatFailed) {
  run_with("aborts", 1, {"--supervise", "--rounds=2"});
  EXPECT_EQ(failed_row().at("error_message"), "killed by signal 6 (Aborted)");
  EXPECT_EQ(read_json("rows.json").at("pairs").size(), 1u) << "slow and fast took turns";
}

TEST_F(ProgramSupervised, EveryRepetitionOfALostRowFailed) {
  const Outcome outcome =
      run_with("aborts", 1, {"--supervise", "--benchmark_repetitions=2", "--heads=2,4"});
  int failed = 0;
  for (const json& row : read_rows("rows.json")) failed += row.value("error_occurred", false);
  EXPECT_EQ(failed, 4);
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 4 of 12\n"), std::string::npos)
      << outcome.out;
}

TEST_F(ProgramSupervised, WithoutSupervisionOneProcessDoesAllAndTheRowsAreKept) {
  const Outcome outcome = test::run(
      faulty(tiny_run() + Arguments{"--path=slow,aborts,fast", "--benchmark_out=rows.json"}));
  EXPECT_EQ(outcome.signal, SIGABRT);
  EXPECT_EQ(count_of("\"finished\":", read("rows.json.journal")), 1);
}

// The row in flight takes some 0.4 s, and then more than the second that it has.
TEST_F(ProgramSupervised, SignalsArePassedOn) {
  for (const auto& [calls, finished] : {std::pair{"5x", 2}, std::pair{"60x", 1}}) {
    for (const int signal : {SIGINT, SIGTERM}) {
      test::Command command =
          faulty(tiny_run() + Arguments{"--path=slow,slow_motion", "--heads=2,4", "--supervise",
                                        "--benchmark_out=rows.json",
                                        std::string("--benchmark_min_time=") + calls});
      command.signals = {{std::chrono::milliseconds(0), signal, "\"begins\":\"MHA/slow_motion/",
                          dir_ / "rows.json.journal"}};
      const Outcome outcome = test::run(command);
      EXPECT_EQ(outcome.status, 128 + signal) << outcome.err;
      EXPECT_EQ(count_of("\"finished\":", read("rows.json.journal")), finished) << calls;
      std::filesystem::remove(dir_ / "rows.json.journal");
    }
  }
}

TEST_F(ProgramSupervised, NeedsNoFile) {
  const Outcome outcome =
      test::run(faulty(tiny_run() + Arguments{"--path=slow,aborts,fast", "--supervise"}));
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.out.find(": killed by signal 6 (Aborted)\nWrong or failed rows: 1 of 3\n"),
            std::string::npos)
      << outcome.out;
  EXPECT_EQ(files(), Arguments{});
}

TEST_F(ProgramSupervised, AProcessThatDiesBeforeItsFirstRowIsReplacedOnce) {
  const auto run_with_deaths = [&](const Arguments& deaths) {
    std::filesystem::create_directory(dir_ / "deaths");
    for (const std::string& death : deaths) write("deaths/" + death, "");
    return test::run(faulty(tiny_run() + Arguments{"--supervise"},
                            {{"MHABENCH_TEST_DEATHS", (dir_ / "deaths").string()}}));
  };
  const Outcome once = run_with_deaths({"1"});
  EXPECT_EQ(once.status, 0) << once.err;
  EXPECT_EQ(count_of("was lost: killed by signal 6 (Aborted); the next one goes on\n", once.err),
            1);
  EXPECT_NE(once.out.find("\nWrong or failed rows: 0 of 2\n"), std::string::npos);
  const Outcome twice = run_with_deaths({"1", "2"});
  EXPECT_EQ(twice.status, 5) << twice.out;
  EXPECT_NE(twice.err.find("mha_bench: two processes in turn ended outside of a row, the last one: "
                           "killed by signal 6 (Aborted)\n"),
            std::string::npos)
      << twice.err;
}

TEST_F(ProgramSupervised, ADeathInTheLastRowStartsNoOtherProcess) {
  const Outcome outcome =
      test::run(faulty(tiny_run() + Arguments{"--path=slow,aborts", "--supervise"}));
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("was lost: killed by signal 6 (Aborted)\n"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 1 of 2\n"), std::string::npos);
}

// A death in a row, and one after it before the next row.
TEST_F(ProgramSupervised, DeathsInARowAndBeforeOneAreToldApart) {
  std::filesystem::create_directory(dir_ / "deaths");
  test::Command command = faulty(tiny_run() + Arguments{"--path=slow,aborts,segfaults,fast",
                                                        "--supervise", "--benchmark_out=rows.json"},
                                 {{"MHABENCH_TEST_DEATHS", (dir_ / "deaths").string()}});
  write("deaths/1", "");
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_EQ(count_of("was lost: ", outcome.err), 3) << outcome.err;
  const json rows = read_rows("rows.json");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows.at(1).at("error_message"), "killed by signal 6 (Aborted)");
  EXPECT_EQ(rows.at(2).at("error_message"), "killed by signal 11 (Segmentation fault)");
}

// As a scheduler sends it to all processes of a job.
TEST_F(ProgramSupervised, ASignalToTheProcessOfTheRowsIsTheSupervisorsToDealWith) {
  run_with("is_terminated", 0, {"--supervise"});
  EXPECT_EQ(failed_row().value("error_occurred", false), false);
}

TEST_F(ProgramSupervised, AJobThatIsSuspendedHasNotBeenTooSlow) {
  run_with("suspends_all", 0, {"--supervise", "--row_timeout=3"});
  EXPECT_EQ(failed_row().value("error_occurred", false), false);
}

TEST_F(ProgramSupervised, AnErrorOfTheCommandLineIsToldOnce) {
  write("lengths.txt", "8 0\n");
  const Outcome outcome = run_to(2, {"--supervise", "--device=cpu", "--lengths_file=lengths.txt"});
  EXPECT_EQ(count_of("mha_bench: ", outcome.err), 1) << outcome.err;
}

TEST_F(ProgramSupervised, ItsFlagsAreChecked) {
  const struct {
    Arguments arguments;
    std::string message;
  } cases[] = {{{"--row_timeout=3"}, "--row_timeout needs --supervise or --devices"},
               {{"--supervise", "--kernels_out=k"}, "--supervise and --kernels_out exclude"},
               {{"--supervise", "--benchmark_enable_random_interleaving"},
                "--supervise and --benchmark_enable_random_interleaving exclude"},
               {{"--supervise", "--benchmark_out=rows", "--row_timeout=0"},
                "--row_timeout: '0' is not above 0"}};
  for (const auto& [arguments, message] : cases) {
    const Outcome outcome = run_to(2, tiny_run() + arguments);
    EXPECT_EQ(outcome.err.substr(0, 11 + message.size()), "mha_bench: " + message);
  }
}

TEST_F(ProgramFaults, ALostGpuEndsTheRun) {
  const Outcome outcome =
      test::run(faulty({"--path=slow,sticky,fast", "--device=cuda", "--batch=2", "--seq_len=8",
                        "--embed_dim=64", "--heads=2", "--beta=1", "--dtype=fp16",
                        "--benchmark_min_time=3x", "--benchmark_out=rows.json"}));
  if (outcome.status == 2) GTEST_SKIP() << outcome.err;
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("mha_bench: the GPU serves this process no more: "), std::string::npos)
      << outcome.err;
  EXPECT_EQ(count_of("\"finished\":", read("rows.json.journal")), 2);
}

TEST_F(ProgramFaults, ALostGpuIsOnePathsFailureWhereAnotherProcessTakesOver) {
  for (const char* const rounds : {"--rounds=1", "--rounds=2"}) {
    const Outcome outcome =
        test::run(faulty({"--path=slow,sticky,fast", "--device=cuda", "--batch=2", "--seq_len=8",
                          "--embed_dim=64", "--heads=2", "--beta=1", "--dtype=fp16", "--supervise",
                          "--benchmark_min_time=3x", "--benchmark_out=rows.json", rounds}));
    if (outcome.status == 2) GTEST_SKIP() << outcome.err;
    EXPECT_EQ(outcome.status, 1) << outcome.err;
    EXPECT_EQ(failed_row().at("error_occurred"), true);
    EXPECT_EQ(failed_row().at("path"), "sticky");
    std::filesystem::remove(dir_ / "rows.json");
  }
}

}  // namespace
}  // namespace mhabench::bench
