#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <string>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/program.h"

/// Runs of the program that are cut short, and what is left of them.
namespace mhabench::bench {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::Arguments;
using test::Command;
using test::count_of;
using test::lines_of;
using test::Outcome;
using test::SentSignal;
using test::strict_json;
using test::tiny_run;
using test::without_times;
using test::operator+;

constexpr const char* kJournal = "rows.json.journal";

Arguments names_of(const json& rows) {
  Arguments names;
  for (const json& row : rows) names.push_back(row.at("name"));
  return names;
}

// A process killed while it writes a file leaves its temporary, which no name stands for.
Arguments without_temporaries(Arguments names) {
  std::erase_if(names, [](const std::string& name) { return name.starts_with(".mhabench-"); });
  return names;
}

// What may differ from one run to the next.
json comparable(json file) {
  json& context = file.at("context");
  for (const char* const key : {"date", "load_avg", "command_line", "mhz_per_cpu", "peaks"}) {
    context.erase(key);
  }
  file["benchmarks"] = without_times(file.at("benchmarks"));
  return file;
}

class ProgramJournal : public test::ProgramTest {
 protected:
  // 12 configurations, 24 rows; no row takes long.
  static Arguments sweep() {
    return tiny_run() +
           Arguments{"--batch=1,2", "--heads=2,4", "--beta=1,2,3", "--benchmark_out=rows.json"};
  }

  // The signal comes when the row that hangs has begun.
  Outcome leave_program(const Arguments& arguments, int signal) {
    Command command = faulty(arguments);
    command.signals = {SentSignal{0ms, signal, "\"begins\":\"MHA/hangs/", dir_ / kJournal}};
    return test::run(command);
  }

  // The same for a run that goes on with all but the row that hangs.
  Outcome leave_resumed(const Arguments& more = {}) {
    Command command = faulty(hanging() + Arguments{"--resume"} + more);
    command.signals = {SentSignal{0ms, SIGKILL, "] MHA/hangs/"}};
    return test::run(command);
  }

  Outcome faulty_to(int status, const Arguments& arguments) {
    const Outcome outcome = test::run(faulty(arguments));
    EXPECT_EQ(outcome.status, status) << outcome.out << outcome.err;
    return outcome;
  }

  // A journal with rows of `slow` and one more row begun; the process is gone.
  void interrupt(const Arguments& more = {}) {
    const Outcome outcome = leave_program(hanging() + more, SIGKILL);
    ASSERT_EQ(outcome.signal, SIGKILL) << outcome.out << outcome.err;
    ASSERT_EQ(files(), Arguments{kJournal});
  }

  // slow and fast of the first configuration, then a path that hangs.
  static Arguments hanging() {
    return tiny_run() + Arguments{"--path=slow,fast,hangs", "--benchmark_out=rows.json"};
  }
};

TEST_F(ProgramJournal, IsGoneOnceTheFileStands) {
  run_to(0, sweep());
  EXPECT_EQ(files(), Arguments{"rows.json"});
  EXPECT_EQ(read_rows("rows.json").size(), 24u);
}

TEST_F(ProgramJournal, HoldsEveryRowThatFinished) {
  interrupt();
  const std::string journal = read(kJournal);
  EXPECT_EQ(count_of("\"finished\":\"MHA/slow/", journal), 1);
  EXPECT_EQ(count_of("\"finished\":\"MHA/fast/", journal), 1);
  EXPECT_EQ(count_of("\"begins\":\"MHA/hangs/", journal), 1);
  for (const std::string& line : lines_of(journal)) {
    EXPECT_TRUE(strict_json(line).contains("crc32")) << line;
  }
}

TEST_F(ProgramJournal, AnOlderFileStaysUntilTheNewOneIsWhole) {
  write("rows.json", "kept");
  const Outcome outcome = leave_program(hanging(), SIGKILL);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_EQ(read("rows.json"), "kept");
  EXPECT_EQ(files(), (Arguments{"rows.json", kJournal}));
}

TEST_F(ProgramJournal, WithoutAFileThereIsNone) {
  Command command = faulty(tiny_run() + Arguments{"--path=slow,hangs"});
  command.signals = {SentSignal{1500ms, SIGKILL}};
  test::run(command);
  EXPECT_EQ(files(), Arguments{});
}

// --- Resumed

// Killed at 50 moments from the start to the end of a run; each time the finished rows are in the
// journal, and the run that goes on makes the file of a run that was not killed.
TEST_F(ProgramJournal, KilledAtAnyMomentARunIsGoneOnWithToTheSameFile) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  run_to(0, sweep());
  const auto whole_run =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  const json expected = comparable(read_json("rows.json"));
  const Arguments expected_names = names_of(expected.at("benchmarks"));
  std::mt19937 random(26214);
  std::uniform_int_distribution<std::int64_t> moment(0, whole_run.count());
  int cut_short = 0;
  for (int i = 0; i < 16; ++i) {
    std::filesystem::remove(dir_ / "rows.json");
    Command command = this->command(sweep());
    // Any moment of the run, of which the program's start is most, or one of a row's.
    const std::chrono::milliseconds after(i % 2 == 0 ? moment(random) : moment(random) % 5);
    command.signals = {SentSignal{after, SIGKILL}};
    if (i % 2 == 1) {
      const std::string name = expected_names[static_cast<std::size_t>(i / 2)];
      command.signals.front().once_told = "\"begins\":\"" + name.substr(0, name.rfind('/')) + '"';
      command.signals.front().in_file = dir_ / kJournal;
    }
    const Outcome outcome = test::run(command);
    std::size_t finished = 0;
    if (std::filesystem::exists(dir_ / kJournal)) {
      finished = static_cast<std::size_t>(count_of("\"finished\":", read(kJournal)));
      ++cut_short;
    }
    const Outcome resumed = run_to(0, sweep() + Arguments{"--resume"});
    ASSERT_EQ(without_temporaries(files()), Arguments{"rows.json"}) << after.count() << " ms";
    const json file = comparable(read_json("rows.json"));
    EXPECT_EQ(names_of(file.at("benchmarks")), expected_names) << after.count() << " ms";
    EXPECT_EQ(file, expected) << after.count() << " ms";
    if (finished > 0 && outcome.signal == SIGKILL) {
      EXPECT_EQ(count_of("mha_bench: " + std::to_string(finished) +
                             (finished == 1 ? " row of 24 kept" : " rows of 24 kept"),
                         resumed.err),
                1)
          << resumed.err;
    }
  }
  EXPECT_GT(cut_short, 4) << "the moments have missed the run";
}

// The time of a row that was kept is the one that was measured then.
TEST_F(ProgramJournal, AFinishedRowIsNotRunAgain) {
  interrupt();
  const std::string journal = read(kJournal);
  const Outcome outcome = leave_resumed();
  EXPECT_NE(outcome.err.find("mha_bench: 2 rows of 3 kept from "), std::string::npos)
      << outcome.err;
  EXPECT_EQ(read(kJournal).substr(0, journal.size()), journal);
  EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 2);
}

TEST_F(ProgramJournal, WhatFastAndSlowSayOfEachOtherIsTheSame) {
  const Arguments sweep =
      tiny_run() + Arguments{"--path=slow,hangs,fast", "--benchmark_out=rows.json"};
  leave_program(sweep, SIGKILL);
  ASSERT_EQ(count_of("\"finished\":", read(kJournal)), 1);
  faulty_to(
      0, tiny_run() + Arguments{"--path=slow,fast", "--benchmark_out=rows.json", "--resume=force"});
  EXPECT_EQ(read_rows("rows.json")[1].at("agrees"), 1);
}

TEST_F(ProgramJournal, CanariesOfBothProcessesStandInTheFile) {
  const Arguments sweep = tiny_run() + Arguments{"--beta=1,2", "--canary=0"};
  const Arguments out{"--benchmark_out=rows.json"};
  leave_program(sweep + out + Arguments{"--path=slow,hangs,fast"}, SIGKILL);
  faulty_to(0, sweep + out + Arguments{"--path=slow,fast", "--resume=force"});
  const json file = read_json("rows.json");
  const Arguments rows = names_of(file.at("benchmarks"));
  ASSERT_EQ(rows.size(), 4u);
  Arguments before;
  for (const json& canary : file.at("context").at("canaries")) {
    EXPECT_GT(canary.at("us"), 0);
    before.push_back(canary.value("before_row", "the end"));
  }
  EXPECT_EQ(before, (Arguments{rows[0], rows[1], rows[2], "the end"}))
      << "the second process begins with the second row";
}

TEST_F(ProgramJournal, WithoutAJournalItIsAFreshStart) {
  run_to(0, sweep() + Arguments{"--resume"});
  EXPECT_EQ(read_rows("rows.json").size(), 24u);
}

// What goes through a document by itself takes stack by its depth.
TEST_F(ProgramJournal, AFileNestedWithoutEndIsReplaced) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  write("rows.json", R"({"context": {"grid": )" + deep + R"(}, "benchmarks": []})");
  run_to(0, sweep() + Arguments{"--resume"});
  EXPECT_EQ(read_rows("rows.json").size(), 24u);
}

TEST_F(ProgramJournal, AFileThatIsWholeIsNotRunAgain) {
  run_to(0, sweep());
  const std::string file = read("rows.json");
  const Outcome outcome = run_to(0, sweep() + Arguments{"--resume", "--save_path=table.csv"});
  EXPECT_EQ(read("rows.json"), file);
  EXPECT_NE(
      outcome.err.find("mha_bench: 'rows.json' holds all 24 rows of this run; nothing is run"),
      std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 0 of 24\nTotal errors: 0\n"),
            std::string::npos)
      << outcome.out;
  EXPECT_EQ(lines_of(read("table.csv")).size(), 13u);
  EXPECT_EQ(files(), (Arguments{"rows.json", "table.csv"}));
}

TEST_F(ProgramJournal, TheStatusOfAWholeFileIsThatOfItsRows) {
  const Arguments sweep = tiny_run() + Arguments{"--path=slow,throws", "--benchmark_out=rows.json"};
  faulty_to(1, sweep);
  const Outcome outcome = faulty_to(1, sweep + Arguments{"--resume"});
  EXPECT_NE(outcome.out.find("\nfailed: MHA/throws/"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("nothing is run"), std::string::npos) << outcome.err;
}

TEST_F(ProgramJournal, AFileOfAnotherRunIsRunAnew) {
  run_to(0, sweep());
  run_to(0, sweep() + Arguments{"--resume", "--seed=1"});
  EXPECT_EQ(read_json("rows.json").at("context").at("seed"), 1);
  write("rows.json", "{ no json");
  run_to(0, sweep() + Arguments{"--resume"});
  EXPECT_EQ(read_rows("rows.json").size(), 24u);
}

TEST_F(ProgramJournal, RepetitionsAndAggregatesAreKeptWhole) {
  const Arguments times{"--benchmark_repetitions=3"};
  const Arguments sweep = tiny_run() + times + Arguments{"--benchmark_out=rows.json"};
  run_to(0, sweep + Arguments{"--path=slow,fast"});
  const json expected = comparable(read_json("rows.json"));
  std::filesystem::remove(dir_ / "rows.json");
  interrupt(times);
  const Outcome outcome = run_to(0, sweep + Arguments{"--resume=force"});
  const json file = comparable(read_json("rows.json"));
  EXPECT_EQ(names_of(file.at("benchmarks")), names_of(expected.at("benchmarks")));
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 0 of 6\n"), std::string::npos) << outcome.out;
}

// Paths that took turns are over together: a part of them would have no pair.
TEST_F(ProgramJournal, RoundsOfAConfigurationAreKeptTogetherOrNotAtAll) {
  const Arguments rounds =
      tiny_run() + Arguments{"--rounds=3", "--heads=2,4", "--benchmark_out=rows.json"};
  run_to(0, rounds + Arguments{"--path=slow,fast"});
  const json expected = read_json("rows.json");
  std::filesystem::remove(dir_ / "rows.json");
  Command command = faulty(rounds + Arguments{"--path=slow,fast,slow_motion"});
  command.signals = {SentSignal{0ms, SIGKILL,
                                "\"begins\":\"MHA/slow_motion/fp32/batch:2/seq_len:8/"
                                "embed_dim:16/heads:4/",
                                dir_ / kJournal}};
  EXPECT_EQ(test::run(command).signal, SIGKILL);
  EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 3);
  EXPECT_EQ(count_of("\"rows\":[", read(kJournal)), 1);
  const Outcome outcome =
      faulty_to(0, rounds + Arguments{"--path=slow,fast,slow_motion", "--resume"});
  EXPECT_NE(outcome.err.find("3 rows of 6 kept"), std::string::npos) << outcome.err;
  const json file = read_json("rows.json");
  EXPECT_EQ(file.at("benchmarks").size(), 6u);
  EXPECT_EQ(file.at("benchmarks")[0].at("event_us_rounds").size(), 3u);
  EXPECT_GE(file.at("pairs").size(), expected.at("pairs").size());
}

TEST_F(ProgramJournal, EachFormatHoldsTheKeptRows) {
  for (const std::string format : {"csv", "console"}) {
    interrupt();
    const Outcome outcome = run_to(
        0, tiny_run() + Arguments{"--benchmark_out=rows.json", "--resume=force",
                                  "--benchmark_out_format=" + format, "--benchmark_format=json"});
    EXPECT_EQ(count_of("MHA/", read("rows.json")), 2) << read("rows.json");
    EXPECT_EQ(strict_json(outcome.out).at("benchmarks").size(), 2u);
    std::filesystem::remove(dir_ / "rows.json");
  }
}

// --- Refused

TEST_F(ProgramJournal, RowsOfARunThatDidNotEndAreNotThrownAway) {
  interrupt();
  const std::string journal = read(kJournal);
  const Outcome outcome = faulty_to(2, hanging());
  EXPECT_TRUE(std::regex_match(
      outcome.err,
      std::regex("mha_bench: 'rows\\.json': its journal '.*rows\\.json\\.journal' holds 2 rows of "
                 "a run that did not end \\(--resume goes on with it; to begin anew, remove "
                 "it\\)\n")))
      << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(read(kJournal), journal);
}

TEST_F(ProgramJournal, AJournalOfAnotherRunIsRefusedWithWhatDiffers) {
  interrupt();
  const std::string journal = read(kJournal);
  const Outcome outcome =
      faulty_to(2, hanging() + Arguments{"--resume", "--seed=1", "--benchmark_min_time=4x"});
  EXPECT_NE(outcome.err.find("rows.json.journal' is of another run: seed: 26214, now 1; "
                             "settings.iterations: 3, now 4 (--resume=force goes on with it all "
                             "the same)\n"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(lines_of(outcome.err).size(), 1u) << outcome.err;
  EXPECT_EQ(read(kJournal), journal);
  const Outcome grid = faulty_to(2, hanging() + Arguments{"--resume", "--beta=2"});
  EXPECT_NE(grid.err.find("grid.beta: [1.0], now [2.0]; rows.crc32: "), std::string::npos)
      << grid.err;
}

TEST_F(ProgramJournal, ForcedTheContextSaysSo) {
  interrupt();
  faulty_to(0, tiny_run() + Arguments{"--path=slow,fast", "--benchmark_out=rows.json",
                                      "--resume=force", "--seed=1"});
  const json file = read_json("rows.json");
  EXPECT_EQ(file.at("context").at("resumed_by_force")[0], "seed: 26214, now 1");
  EXPECT_EQ(file.at("benchmarks")[0].at("seed"), 26214);
}

TEST_F(ProgramJournal, ACommandLineThatDiffersElsewhereIsNone) {
  interrupt();
  const Outcome outcome = leave_resumed({"--save_path=table.csv"});
  EXPECT_NE(outcome.err.find("2 rows of 3 kept"), std::string::npos) << outcome.err;
}

TEST_F(ProgramJournal, ATornLastLineIsLeftOutAndSaid) {
  interrupt();
  std::string journal = read(kJournal);
  journal.resize(journal.rfind("\"finished\":\"MHA/fast/") + 50);
  write(kJournal, journal);
  const Outcome outcome = leave_program(hanging() + Arguments{"--resume"}, SIGKILL);
  EXPECT_NE(outcome.err.find("rows.json.journal': its last line is torn and left out\n"),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("mha_bench: 1 row of 3 kept"), std::string::npos) << outcome.err;
  EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 2) << "fast was run again";
}

TEST_F(ProgramJournal, AnEditedLineIsRefusedWithItsNumber) {
  interrupt();
  std::string journal = read(kJournal);
  const std::size_t at = journal.find("\"errors\":0");
  ASSERT_NE(at, std::string::npos);
  journal[at + 9] = '1';
  write(kJournal, journal);
  const Outcome outcome = faulty_to(2, hanging() + Arguments{"--resume"});
  EXPECT_NE(outcome.err.find("rows.json.journal', line 4: its checksum does not fit its text\n"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(read(kJournal), journal);
}

TEST_F(ProgramJournal, AForeignFileInItsPlaceIsNotTouched) {
  for (const char* const text : {"kept", "kept\n", "{\"a\":1}\n{}\n"}) {
    write(kJournal, text);
    for (const Arguments& more :
         {Arguments{}, Arguments{"--resume"}, Arguments{"--resume=force"}}) {
      const Outcome outcome = run_to(2, sweep() + more);
      EXPECT_NE(outcome.err.find("rows.json.journal', line 1: its checksum does not fit"),
                std::string::npos)
          << outcome.err;
      EXPECT_EQ(read(kJournal), text);
    }
  }
}

TEST_F(ProgramJournal, WhatCannotBeResumedIsRefused) {
  const struct {
    Arguments arguments;
    std::string message;
  } cases[] = {{{"--benchmark_out=rows.json", "--benchmark_enable_random_interleaving"},
                "--benchmark_enable_random_interleaving and --benchmark_out exclude each other: "},
               {{"--resume"}, "--resume needs --benchmark_out=FILE"},
               {{"--resume", "--benchmark_out=/dev/null"},
                "--resume: '/dev/null' is no regular file, and has no journal"},
               {{"--resume", "--benchmark_out=rows.json", "--kernels_out=kernels"},
                "--resume and --kernels_out exclude each other: "},
               {{"--resume=perhaps", "--benchmark_out=rows.json"},
                "--resume: unknown way to resume 'perhaps' (allowed: true, false, force)"}};
  for (const auto& [arguments, message] : cases) {
    const Outcome outcome = run_to(2, tiny_run() + arguments);
    EXPECT_EQ(outcome.err.substr(0, 11 + message.size()), "mha_bench: " + message);
    EXPECT_EQ(lines_of(outcome.err).size(), 1u) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(files(), Arguments{});
  }
}

TEST_F(ProgramJournal, ASecondRunIntoTheSameFileIsToldWhoHoldsIt) {
  Command first = faulty(hanging());
  first.signals = {SentSignal{0ms, 0, "\"begins\":\"MHA/hangs/", dir_ / kJournal},
                   SentSignal{0ms, SIGKILL, "now", dir_ / "end"}};
  Outcome held;
  std::thread holder([&] { held = test::run(first); });
  while (!std::filesystem::exists(dir_ / kJournal) ||
         count_of("\"begins\":\"MHA/hangs/", read(kJournal)) == 0) {
    std::this_thread::sleep_for(10ms);
  }
  const Outcome second = run(sweep());
  const Outcome resumed = run(sweep() + Arguments{"--resume"});
  write("end", "now");
  holder.join();
  for (const Outcome& outcome : {second, resumed}) {
    EXPECT_EQ(outcome.status, 2);
    EXPECT_TRUE(std::regex_match(
        outcome.err,
        std::regex("mha_bench: cannot write '.*rows\\.json\\.journal': held by process "
                   "[0-9]+ on .*, since [-0-9]+ [:0-9]+\n")))
        << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_EQ(held.signal, SIGKILL);
  EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 2) << "the first one's rows are whole";
}

// --- Signals

struct Ended {
  int signal;
  const char* name;
};

class ProgramSignals : public ProgramJournal, public ::testing::WithParamInterface<Ended> {
 protected:
  // Rows of some 0.4 s each, within the second that the one in flight has.
  static Arguments slow_motion() {
    return tiny_run() + Arguments{"--path=slow,slow_motion", "--benchmark_min_time=5x",
                                  "--heads=2,4", "--benchmark_out=rows.json",
                                  "--save_path=table.csv"};
  }
};

TEST_P(ProgramSignals, EndTheRunAfterTheRowInFlight) {
  const auto& [signal, name] = GetParam();
  Command command = faulty(slow_motion());
  command.signals = {SentSignal{0ms, signal, "\"begins\":\"MHA/slow_motion/", dir_ / kJournal}};
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 128 + signal) << outcome.out << outcome.err;
  EXPECT_EQ(files(), Arguments{kJournal}) << "a part does not pass for the whole";
  EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 2);
  EXPECT_EQ(count_of("\"begins\":", read(kJournal)), 2);
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 0 of 2\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("mha_bench: ending after the row in flight; once more ends at once\n"),
            std::string::npos);
  EXPECT_TRUE(std::regex_search(
      outcome.err, std::regex("\nmha_bench: ended by " + std::string(name) +
                              "\nmha_bench: 2 rows are kept in '.*rows\\.json\\.journal'; the same "
                              "command with --resume goes on with them\n$")))
      << outcome.err;
  const Outcome resumed = faulty_to(0, slow_motion() + Arguments{"--resume"});
  EXPECT_EQ(read_rows("rows.json").size(), 4u);
  EXPECT_EQ(files(), (Arguments{"rows.json", "table.csv"}));
  EXPECT_EQ(count_of("torch.float32,", read("table.csv")), 2);
}

TEST_P(ProgramSignals, WithoutAJournalTheTableOfWhatRanIsSaved) {
  const auto& [signal, name] = GetParam();
  Command command =
      faulty(tiny_run() + Arguments{"--path=slow,slow_motion", "--heads=2,4",
                                    "--benchmark_min_time=20x", "--save_path=table.csv"});
  command.signals = {SentSignal{0ms, signal, "] MHA/slow/"}};
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 128 + signal) << outcome.out << outcome.err;
  EXPECT_EQ(count_of("torch.float32,", read("table.csv")), 1);
}

TEST_P(ProgramSignals, ASecondOneEndsAtOnce) {
  const auto& [signal, name] = GetParam();
  Command command = faulty(hanging());
  command.signals = {SentSignal{0ms, signal, "\"begins\":\"MHA/hangs/", dir_ / kJournal},
                     SentSignal{0ms, signal, "ending after the row in flight"}};
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 128 + signal) << outcome.out << outcome.err;
  EXPECT_EQ(files(), Arguments{kJournal});
  EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 2);
}

TEST_P(ProgramSignals, LetTheRowInFlightMakeItsRepetitions) {
  const auto& [signal, name] = GetParam();
  Command command =
      faulty(tiny_run() + Arguments{"--path=slow_motion", "--heads=2,4", "--benchmark_min_time=2x",
                                    "--benchmark_repetitions=2", "--benchmark_out=rows.json"});
  command.signals = {SentSignal{50ms, signal, "[0/4]"}};
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 128 + signal) << outcome.err;
  EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 1) << "with all its repetitions";
}

INSTANTIATE_TEST_SUITE_P(Both, ProgramSignals,
                         ::testing::Values(Ended{SIGINT, "SIGINT"}, Ended{SIGTERM, "SIGTERM"}),
                         [](const auto& ended) { return ended.param.name; });

// Its reference takes far longer.
TEST_F(ProgramJournal, ASignalEndsALongRowWithinSeconds) {
  const Arguments flags{"--device=cpu",
                        "--batch=2,512",
                        "--seq_len=2048",
                        "--embed_dim=64",
                        "--heads=2",
                        "--lengths=full",
                        "--path=slow",
                        "--benchmark_min_time=1x",
                        "--benchmark_out=rows.json"};
  for (const Arguments& more : {Arguments{}, Arguments{"--supervise"}}) {
    std::filesystem::remove(dir_ / kJournal);
    Command command = this->command(flags + more);
    command.signals = {
        SentSignal{300ms, SIGTERM, "\"begins\":\"MHA/slow/fp32/batch:512/", dir_ / kJournal}};
    const Outcome outcome = test::run(command);
    EXPECT_EQ(outcome.status, 143) << outcome.err;
    EXPECT_NE(outcome.err.find("mha_bench: ended within the row in flight; "), std::string::npos)
        << outcome.err;
    EXPECT_EQ(files(), Arguments{kJournal});
    EXPECT_EQ(count_of("\"finished\":", read(kJournal)), 1) << "for --resume";
  }
}

TEST_F(ProgramJournal, WithoutAFileASignalLeavesWhatWasAskedForOnStdout) {
  Command command =
      faulty(tiny_run() + Arguments{"--path=slow,slow_motion", "--heads=2,4",
                                    "--benchmark_min_time=20x", "--benchmark_format=json"});
  command.signals = {SentSignal{50ms, SIGTERM, "MHA/slow/"}};
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 143);
  EXPECT_GE(strict_json(outcome.out).at("benchmarks").size(), 1u);
  EXPECT_EQ(outcome.err.find("--resume"), std::string::npos) << outcome.err;
}

// --- A full disk

TEST_F(ProgramJournal, WhereTheJournalDoesNotFitTheRunEndsAtThatRow) {
  Command command = this->command(sweep());
  command.file_limit = 12'000;
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 5) << outcome.err;
  EXPECT_EQ(files(), Arguments{kJournal});
  const std::string journal = read(kJournal);
  const int finished = count_of("\"finished\":", journal);
  EXPECT_GT(finished, 2);
  EXPECT_LT(finished, 24);
  EXPECT_EQ(journal.back(), '\n') << "no half line is left";
  EXPECT_TRUE(std::regex_search(
      outcome.err,
      std::regex("\nmha_bench: at row MHA/(slow|fast)/.*: cannot write '.*rows\\.json\\.journal': "
                 "File too large\nmha_bench: " +
                 std::to_string(finished) + " rows are kept in ")))
      << outcome.err;
  const Outcome resumed = run_to(0, sweep() + Arguments{"--resume"});
  EXPECT_EQ(resumed.err.find("torn"), std::string::npos) << resumed.err;
  EXPECT_EQ(read_rows("rows.json").size(), 24u);
}

// The rows fit, the file that is made of them does not: they are kept.
TEST_F(ProgramJournal, WhereTheFileDoesNotFitTheRowsAreKept) {
  run_to(0, sweep());
  const std::size_t size = read("rows.json").size();
  std::filesystem::remove(dir_ / "rows.json");
  Command command = this->command(sweep());
  command.file_limit = size * 9 / 10;  // the journal, without blanks, takes less
  const Outcome outcome = test::run(command);
  ASSERT_EQ(outcome.status, 5) << outcome.err;
  EXPECT_EQ(files(), Arguments{kJournal}) << outcome.err;
  EXPECT_NE(outcome.err.find("mha_bench: cannot write 'rows.json': File too large\n"),
            std::string::npos)
      << outcome.err;
  const Outcome resumed = run_to(0, sweep() + Arguments{"--resume"});
  EXPECT_EQ(count_of("24 rows of 24 kept", resumed.err), 1) << resumed.err;
  EXPECT_EQ(read_rows("rows.json").size(), 24u);
}

// A file system of its own, that goes with the test.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& at) : at_(at) {
    std::filesystem::create_directory(at);
    mounted_ = ::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=16k") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }

  bool mounted() const { return mounted_; }

 private:
  std::filesystem::path at_;
  bool mounted_;
};

TEST_F(ProgramJournal, ADiskThatFillsUpIsToldWithTheRow) {
  const SmallDisk disk(dir_ / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "a tmpfs can be mounted by root alone";
  const Arguments onto = sweep() + Arguments{"--benchmark_out=disk/rows.json"};
  const Outcome outcome = run_to(5, onto);
  EXPECT_TRUE(std::regex_search(
      outcome.err, std::regex("\nmha_bench: at row MHA/(slow|fast)/.*: cannot write "
                              "'disk/rows\\.json\\.journal': No space left on device\n")))
      << outcome.err;
  EXPECT_EQ(test::names_in(dir_ / "disk"), Arguments{kJournal});
  EXPECT_EQ(read("disk/rows.json.journal").back(), '\n');
}

TEST_F(ProgramJournal, ItsFileIsNoOtherOutputsOrInputs) {
  write(kJournal, "3 4\n");
  const struct {
    Arguments flags;
    const char* message;
  } cases[] = {{{"--save_path=rows.json.journal"},
                "mha_bench: --save_path and the journal of --benchmark_out name the same file "
                "'rows.json.journal'\n"},
               {{"--lengths_file=./rows.json.journal"},
                "mha_bench: --lengths_file and the journal of --benchmark_out name the same file "
                "'rows.json.journal'\n"}};
  for (const auto& [flags, message] : cases) {
    EXPECT_EQ(run_to(2, Arguments{"--device=cpu", "--embed_dim=16", "--heads=2",
                                  "--benchmark_out=rows.json"} +
                            flags)
                  .err,
              message);
    EXPECT_EQ(read(kJournal), "3 4\n");
  }
}

TEST_F(ProgramJournal, ADirectoryThatCannotBeWrittenIsAnErrorBeforeAnyRow) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  std::filesystem::create_directory(dir_ / "closed");
  std::filesystem::permissions(
      dir_ / "closed", std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const Outcome outcome = run_to(2, sweep() + Arguments{"--benchmark_out=closed/rows.json"});
  EXPECT_EQ(lines_of(outcome.err).size(), 1u) << outcome.err;
}

TEST_F(ProgramJournal, ANameThatLeavesNoRoomForTheJournalsIsRefused) {
  const std::string name(250, 'x');
  const Outcome outcome = run_to(2, tiny_run() + Arguments{"--benchmark_out=" + name});
  EXPECT_NE(outcome.err.find(name + ".journal': File name too long\n"), std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace mhabench::bench
