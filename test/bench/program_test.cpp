#include "support/program.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench::bench {
namespace {

using test::Arguments;
using test::count_of;
using test::Environment;
using test::lines_of;
using test::Outcome;
using test::Stdout;
using test::tiny_run;
using test::operator+;

class Program : public test::ProgramTest {};

// No GPU can be used then, on any machine.
const Environment kNoGpu{{"CUDA_VISIBLE_DEVICES", ""}};

bool all_match(const std::string& text, const std::string& pattern) {
  return std::regex_match(text, std::regex(pattern));
}

// --- A run
// ----------------------------------------------------------------------------------------

TEST_F(Program, PrintsTheTableToStdoutAndTheRestToStderr) {
  const Outcome outcome = run_to(0, tiny_run());
  EXPECT_TRUE(all_match(
      outcome.out,
      "CPU: .+, 1 thread\n"
      "dtype +batch +seq_len +embed_dim +heads +beta +slow us +fast us +speed-up +padding +errors\n"
      " *fp32 +2 +8 +16 +2 +1 +[0-9]+\\.[0-9] +[0-9]+\\.[0-9] +[0-9]+\\.[0-9]{2} +0\\.375 +0\n"
      "\n"
      "Speed-up of fast over slow, geometric mean: [0-9]+\\.[0-9]{3} over 1 configuration; "
      "under 1: [01]\n"
      "Wrong or failed rows: 0 of 2\n"
      "Total errors: 0\n"))
      << outcome.out;
  EXPECT_TRUE(all_match(outcome.err,
                        "\\[0/2\\] MHA/slow/fp32/.*/beta:1\n"
                        "mha_bench: [0-9.]+ s in all: inputs .*\n"))
      << outcome.err;
  EXPECT_EQ(files(), Arguments{});
}

TEST_F(Program, SaysThatItRunsOnTheCpuWhereNoGpuCanBeUsed) {
  const Outcome outcome = run_to(0,
                                 {"--benchmark_dry_run", "--threads=1",
                                  "--benchmark_filter=slow/fp32/batch:2/"
                                  "seq_len:16/embed_dim:64/.*beta:3.05"},
                                 kNoGpu);
  EXPECT_EQ(outcome.out.substr(0, 5), "CPU: ") << outcome.out;
  EXPECT_EQ(count_of("GPU", outcome.err), 1) << outcome.err;
  EXPECT_TRUE(
      all_match(lines_of(outcome.err).front(), "mha_bench: .*; running on the CPU with --grid=cpu"))
      << outcome.err;
}

// The library tells on stderr of each invocation of a row's body.
TEST_F(Program, EveryRowIsAcceptedAtItsFirstInvocation) {
  Arguments arguments = tiny_run() + Arguments{"--heads=2,4", "--v=2", "--benchmark_out=rows"};
  std::erase(arguments, "--benchmark_min_time=3x");
  const Outcome outcome = run_to(0, arguments);
  EXPECT_EQ(count_of("Running MHA/", outcome.err), 4) << outcome.err;
  for (const nlohmann::json& row : read_rows("rows")) {
    EXPECT_GE(row.at("iterations"), 5) << row;
  }
}

TEST_F(Program, WarmsUpForAsLongAsAsked) {
  const Outcome outcome = run_to(0, tiny_run() + Arguments{"--benchmark_min_warmup_time=0.005",
                                                           "--v=2", "--benchmark_out=rows"});
  for (const char* const path : {"slow", "fast"}) {
    const std::string line = "Running MHA/" + std::string(path);
    EXPECT_GE(count_of(line, outcome.err), 2) << outcome.err;
  }
  for (const nlohmann::json& row : read_rows("rows")) {
    EXPECT_EQ(row.at("iterations"), 3) << row;
  }
}

TEST_F(Program, MeasuresForAsLongAsAsked) {
  for (const char* const time : {"0.003", "0.003s"}) {
    run_to(0, tiny_run() +
                  Arguments{"--benchmark_out=rows", "--benchmark_min_time=" + std::string(time)});
    for (const nlohmann::json& row : read_rows("rows")) {
      const double us = row.at("real_time").get<double>() * row.at("iterations").get<double>();
      EXPECT_GE(us, 3000 * (1 - 1e-9)) << row;
    }
  }
}

TEST_F(Program, ARowThatCannotFitFailsAloneAndAtOnce) {
  const Outcome outcome =
      run_to(1,
             {"--device=cpu", "--threads=1", "--batch=1024", "--seq_len=2147483647,1",
              "--embed_dim=64", "--heads=2", "--lengths=full", "--benchmark_min_time=1x",
              "--benchmark_out=rows", "--benchmark_repetitions=2", "--save_path=table"},
             {{"ASAN_OPTIONS", "allocator_may_return_null=1"}});
  const nlohmann::json file = read_json("rows");
  EXPECT_FALSE(file.at("context").at("grid").contains("beta")) << "full lengths have none";
  const nlohmann::json& rows = file.at("benchmarks");
  std::multiset<std::string> failed;
  std::multiset<std::string> measured;
  for (const nlohmann::json& row : rows) {
    if (row.at("run_type") != "iteration") continue;
    const std::string path = row.at("path");
    if (row.value("error_occurred", false)) {
      failed.insert(path);
      EXPECT_EQ(row.at("seq_len"), 2147483647) << row;
      EXPECT_TRUE(std::regex_match(row.at("error_message").get<std::string>(),
                                   std::regex("a padded batch and the weights take 5\\.63e\\+05 "
                                              "GB, and the device has [0-9.]+ GB")))
          << row;
    } else {
      measured.insert(path);
      EXPECT_EQ(row.at("errors"), 0) << row;
    }
  }
  EXPECT_EQ(failed, (std::multiset<std::string>{"fast", "fast", "slow", "slow"}));
  EXPECT_EQ(measured, failed);
  EXPECT_EQ(count_of("\nfailed: MHA/", outcome.out), 4) << outcome.out;
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 4 of 8\n"), std::string::npos) << outcome.out;
  EXPECT_NE(read("table").find("\ntorch.float32,1024,2147483647,2,64,,,,0.000\r\n"),
            std::string::npos)
      << read("table");
}

// --- Instead of a run
// -----------------------------------------------------------------------------

TEST_F(Program, HelpAndVersionAreAllThatIsPrinted) {
  const Outcome help = run_to(0, {"--help", "--benchmark_out=rows"});
  EXPECT_NE(help.out.find("\nUsage: mha_bench [--flag=value ...]\n"), std::string::npos);
  EXPECT_NE(help.out.find("\n  --benchmark_filter=REGEX"), std::string::npos);
  EXPECT_EQ(help.err, "");
  const Outcome version = run_to(0, {"--version", "--unknown"});
  EXPECT_TRUE(all_match(version.out, "mha_bench [0-9.]+ \\(.+\\), LibTorch 2\\..+\n"))
      << version.out;
  EXPECT_EQ(version.err, "");
  EXPECT_EQ(files(), Arguments{});
}

TEST_F(Program, ListsTheRowsOfTheScriptsGrid) {
  const Outcome outcome = run_to(0, {"--grid=script", "--list"});
  const std::vector<std::string> names = lines_of(outcome.out);
  ASSERT_EQ(names.size(), 2560u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_EQ(names[0],
            "MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05/manual_time");
  EXPECT_EQ(names[1],
            "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05/manual_time");
  EXPECT_EQ(names.back(),
            "MHA/fast/fp16/batch:256/seq_len:512/embed_dim:1024/heads:16/beta:3.05/manual_time");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Program, ListsWhatTheFilterKeeps) {
  const Arguments grid{"--grid=script", "--benchmark_filter=/fast/.*batch:16/.*heads:8/beta:0.85/"};
  const Outcome outcome = run_to(0, grid + Arguments{"--benchmark_list_tests=true"});
  const std::vector<std::string> names = lines_of(outcome.out);
  EXPECT_EQ(names.size(), 8u) << outcome.out;
  for (const std::string& name : names) {
    EXPECT_TRUE(all_match(name, "MHA/fast/fp16/batch:16/.*/heads:8/beta:0.85/manual_time")) << name;
  }
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(run_to(0, grid + Arguments{"--list"}).out, outcome.out);
}

TEST_F(Program, AFilterThatInvitesBacktrackingTakesNoLonger) {
  const Arguments script{"--grid=script", "--path=all", "--list"};
  const auto filtered = [&](int status, const std::string& pattern) {
    test::Command command = this->command(script + Arguments{"--benchmark_filter=" + pattern});
    command.timeout = std::chrono::seconds(30);
    const Outcome outcome = test::run(command);
    EXPECT_EQ(outcome.status, status) << pattern.substr(0, 100) << outcome.err.substr(0, 1000);
    return outcome;
  };
  EXPECT_EQ(filtered(3, "(.*.*)*x").err,
            "mha_bench: no row matches --benchmark_filter='(.*.*)*x'; --list shows the names\n");
  EXPECT_EQ(lines_of(filtered(0, "(a*)*b").out).size(), lines_of(filtered(0, "").out).size());
  EXPECT_EQ(lines_of(filtered(3, std::string(100'000, 'a')).err).size(), 1u);
}

TEST_F(Program, ListsAndDumpsAtOnceWhereBothAreAsked) {
  const Outcome outcome = run_to(0, tiny_run() + Arguments{"--list", "--dump_lengths=lengths"});
  EXPECT_EQ(lines_of(outcome.out).size(), 2u) << outcome.out;
  EXPECT_EQ(lines_of(read("lengths")).size(), 1u) << read("lengths");
}

TEST_F(Program, ASeedBeyondNumpysIsRefusedBeforeAnythingRuns) {
  for (const Arguments& more : {Arguments{}, Arguments{"--list"}}) {
    const Outcome outcome = run_to(2, tiny_run() + Arguments{"--seed=4294967296"} + more);
    EXPECT_EQ(outcome.err,
              "mha_bench: seed: 4294967296 is above 4294967295, NumPy's largest, and "
              "--lengths=script draws with NumPy\n");
  }
}

TEST_F(Program, DumpsTheScriptsLengths) {
  run_to(0, {"--grid=script", "--lengths=numpy", "--embed_dim=512", "--heads=8",
             "--dump_lengths=lengths"});
  const std::vector<std::string> lines = lines_of(read("lengths"));
  EXPECT_EQ(lines.size(), 320u);
  const std::vector<std::string> goldens =
      lines_of(test::read_text(MHABENCH_TEST_DATA_DIR "/config/numpy_lengths.golden"));
  const auto is_dumped = [&](const std::string& golden) {
    return std::ranges::find(lines, golden) != lines.end();
  };
  EXPECT_EQ(std::ranges::count_if(goldens, is_dumped), 80);
}

TEST_F(Program, ADumpReadBackIsTheSameConfigurations) {
  const Outcome outcome =
      run_to(0, {"--grid=quick", "--seed=7", "--benchmark_filter=batch:16/.*512/heads:8/",
                 "--dump_lengths=served.txt", "--benchmark_out=rows"});
  EXPECT_EQ(outcome.out + outcome.err, "");
  const Outcome again = run_to(0, {"--grid=quick", "--path=fast", "--lengths_file=served.txt",
                                   "--dump_lengths=again", "--list"});
  EXPECT_EQ(read("again"), read("served.txt"));
  EXPECT_EQ(files(), (Arguments{"again", "served.txt"})) << "and nothing was run";
  EXPECT_EQ(
      again.out,
      "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:served.1/manual_time\n"
      "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:served.2/manual_time\n"
      "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:served.3/manual_time\n"
      "MHA/fast/fp16/batch:16/seq_len:512/embed_dim:512/heads:8/lengths:served.4/manual_time\n"
      "MHA/fast/fp16/batch:16/seq_len:512/embed_dim:512/heads:8/lengths:served.5/manual_time\n"
      "MHA/fast/fp16/batch:16/seq_len:512/embed_dim:512/heads:8/lengths:served.6/"
      "manual_time\n");
}

TEST_F(Program, ManyPairsThatDoNotDivideAreOneShortLine) {
  const Outcome outcome = run_to(0, {"--device=cpu", "--list", "--batch=2", "--seq_len=8",
                                     "--beta=1", "--embed_dim=1:101:2", "--heads=1,2,4"});
  EXPECT_EQ(outcome.err,
            "mha_bench: left out, since heads must divide embed_dim (embed_dim/heads): "
            "1/2, 1/4, 3/2, 3/4, 5/2, 5/4, 7/2, 7/4 and 94 more\n");
  EXPECT_EQ(lines_of(outcome.out).size(), 102u);
}

// --- Nothing to run
// -------------------------------------------------------------------------------

TEST_F(Program, NothingMatchedIsAStatusOfItsOwnAndTouchesNoFile) {
  write("rows.json", "kept");
  const Outcome outcome =
      run_to(3, tiny_run() + Arguments{"--benchmark_filter=heads:3/", "--benchmark_out=rows.json",
                                       "--save_path=table.csv", "--dump_lengths=lengths"});
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "mha_bench: no row matches --benchmark_filter='heads:3/'; --list shows the names\n");
  EXPECT_EQ(read("rows.json"), "kept");
  EXPECT_EQ(files(), Arguments{"rows.json"});
}

struct Misuse {
  std::string name;
  Arguments arguments;
  std::string message;  // what the line has after the program's name; may end early
  Environment environment = {};
};

class ProgramMisuse : public test::ProgramTest, public ::testing::WithParamInterface<Misuse> {};

std::string misuse_name(const ::testing::TestParamInfo<Misuse>& misuse) {
  return misuse.param.name;
}

TEST_P(ProgramMisuse, IsOneLineAndNothingElse) {
  const auto& [name, arguments, message, environment] = GetParam();
  write("rows.json", "kept");
  write("lengths.txt", "4 2\n# a comment\n4 zero\n");
  const Outcome outcome =
      run_to(2, Arguments{"--benchmark_out=rows.json", "--threads=1"} + arguments, environment);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err.substr(0, message.size() + 11), "mha_bench: " + message);
  EXPECT_EQ(lines_of(outcome.err).size(), 1u) << outcome.err;
  EXPECT_EQ(read("rows.json"), "kept");
  EXPECT_EQ(files(), (Arguments{"lengths.txt", "rows.json"}));
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, ProgramMisuse,
    ::testing::Values(
        Misuse{"UnknownFlag", {"--sed=1"}, "unknown flag '--sed' (--help lists all), did you mean"},
        Misuse{"UnknownPath", {"--path=slow,fats"}, "--path: unknown path 'fats' (allowed: slow, "},
        Misuse{"UnknownDtype", {"--dtype=fp8"}, "--dtype: unknown dtype 'fp8' (allowed: fp32, "},
        Misuse{"TextOfTwoLines", {"--dtype=fp\n16"}, "--dtype: unknown dtype 'fp?16' (allowed: "},
        Misuse{"BetaZero", {"--beta=0"}, "--beta: '0' is not above 0\n"},
        Misuse{"HeadsThatDoNotDivide",
               {"--embed_dim=16", "--heads=3"},
               "no configuration is left: heads must divide embed_dim (embed_dim/heads given: "
               "16/3)\n"},
        Misuse{"NoLengthsFile",
               {"--lengths_file=none.txt"},
               "lengths file 'none.txt': cannot be opened: No such file or directory"},
        Misuse{"MalformedLengthsFile",
               {"--lengths_file=lengths.txt"},
               "lengths file 'lengths.txt', line 3: length 'zero' is not an integer from 1 "},
        Misuse{"UnwritableOut",
               {"--benchmark_out=none/rows.json"},
               "--benchmark_out: cannot write 'none/rows.json': the directory 'none' does not "
               "exist\n"},
        Misuse{"UnwritableTable", {"--save_path=."}, "--save_path: cannot write '.': "},
        Misuse{"UnwritableErrors",
               {"--error_save_path=rows.json/errors"},
               "--error_save_path: cannot write 'rows.json/errors': "},
        Misuse{"OneFileForTwo",
               {"--save_path=./rows.json"},
               "--save_path and --benchmark_out name the same file"},
        Misuse{"MalformedFilter",
               {"--benchmark_filter=(fast"},
               "--benchmark_filter: '(fast' is not a regular expression: Unmatched"},
        Misuse{"MalformedVariable",
               {},
               "BENCHMARK_FORMAT in the environment: unknown format 'xml' (allowed: console, ",
               {{"BENCHMARK_FORMAT", "xml"}}},
        Misuse{"NoGpu", {"--device=cuda"}, "--device=cuda: ", kNoGpu},
        Misuse{"NoSuchGpu", {"--device=cuda:99"}, "--device=cuda"}),
    misuse_name);

// --- Streams
// --------------------------------------------------------------------------------------

TEST_F(Program, WhereNoConfigurationFitsTheCommandLineIsAtFault) {
  const Arguments batch{"--device=cpu", "--batch=2147483647", "--seq_len=16", "--embed_dim=16",
                        "--heads=2",    "--beta=1",           "--dtype=fp32", "--path=slow"};
  for (const Arguments& more : {Arguments{}, Arguments{"--supervise"}}) {
    const Outcome outcome = run_to(2, batch + more);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(std::regex_match(
        outcome.err, std::regex("mha_bench: no configuration fits: of the last one, a padded batch "
                                "and the weights take 2\\.2e\\+03 GB, and the device has [0-9.]+ "
                                "GB\n")))
        << outcome.err;
  }
  EXPECT_EQ(lines_of(run_to(0, batch + Arguments{"--list"}).out).size(), 1u);
}

TEST_F(Program, ALengthsFileIsReadOnce) {
  const auto run_on = [this](const std::string& more) {
    std::string line = MHABENCH_BENCH_PROGRAM;
    for (const char* const flag : {"--device=cpu", "--embed_dim=16", "--heads=2", "--path=slow",
                                   "--benchmark_min_time=1x", "--benchmark_out=rows"}) {
      line += std::string(" ") + flag;
    }
    test::Command command = this->command({});
    command.arguments = {"bash", "-c", "echo 3 4 5 | " + line + more};
    return test::run(command);
  };
  for (const char* const file : {" --lengths_file=<(echo 3 4 5)", " --lengths_file=/dev/stdin"}) {
    const Outcome outcome = run_on(file);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(read_rows("rows").at(0).at("tokens"), 12);
  }
  const Outcome outcome = run_on(" --lengths_file=/dev/stdin --supervise");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "mha_bench: --lengths_file: '/dev/stdin' is no regular file, and every process of "
            "--supervise and --devices reads it: write it to a file first\n");
}

TEST_F(Program, AReaderOfStdoutWhoLeavesDoesNotEndTheRun) {
  test::Command command = this->command(
      tiny_run() + Arguments{"--save_path=table.csv", "--benchmark_counters_tabular"});
  command.standard_output = Stdout::unread;
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(count_of("torch.float32,2,8,2,16,", read("table.csv")), 1) << read("table.csv");
  command.arguments = Arguments{command.arguments.front(), "--grid=script", "--list"};
  EXPECT_EQ(test::run(command).status, 0);
}

TEST_F(Program, OutputThatDoesNotFitIsAnError) {
  test::Command command = this->command({"--grid=script", "--list"});
  command.standard_output = Stdout::full;
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 5);
  EXPECT_EQ(outcome.err, "mha_bench: not all of the output could be written to stdout\n");
}

TEST_F(Program, AClosedStdoutIsNoFilesDescriptor) {
  test::Command command = this->command(
      tiny_run() + Arguments{"--benchmark_out=rows.json", "--benchmark_format=console"});
  command.standard_output = Stdout::closed;
  const Outcome outcome = test::run(command);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(read_rows("rows.json").size(), 2u);
}

TEST_F(Program, AFileThatCannotBeWrittenTakesNothingFromTheRest) {
  const Outcome outcome =
      run_to(5, tiny_run() + Arguments{"--benchmark_out=/dev/full", "--save_path=table.csv"});
  EXPECT_NE(outcome.err.find("\nmha_bench: cannot write '/dev/full': No space left on device\n"),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("\nTotal errors: 0\n"), std::string::npos) << outcome.out;
  EXPECT_EQ(count_of("torch.float32,2,8,2,16,", read("table.csv")), 1) << read("table.csv");
}

}  // namespace
}  // namespace mhabench::bench
