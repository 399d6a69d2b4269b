#include <algorithm>
#include <exception>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/program.h"

namespace mhabench::bench {
namespace {

using nlohmann::json;
using test::Arguments;
using test::count_of;
using test::kTinyName;
using test::lines_of;
using test::Outcome;
using test::strict_json;
using test::tiny_run;
using test::operator+;

class ProgramResults : public test::ProgramTest {};

std::string tiny_name(const std::string& path) {
  return "MHA/" + path + '/' + std::string(kTinyName);
}

std::vector<std::string> names_of(const json& rows) {
  std::vector<std::string> names;
  for (const json& row : rows) names.push_back(row.at("name"));
  return names;
}

std::size_t fields_of(const std::string& csv_line) {
  return static_cast<std::size_t>(count_of(",", csv_line)) + 1;
}

// What a run gives again: figures that were measured become a placeholder.
std::string without_times(const std::string& csv) {
  return std::regex_replace(csv,
                            std::regex(",[0-9]+\\.[0-9]{3},[0-9]+\\.[0-9]{3},[0-9]+\\.[0-9]{3},"),
                            ",TIME,TIME,SPEEDUP,");
}

// --- JSON
// -----------------------------------------------------------------------------------------

TEST_F(ProgramResults, JsonHoldsEachRowWhole) {
  run_to(0, tiny_run() + Arguments{"--benchmark_min_time=20x", "--benchmark_out=rows.json"});
  const json rows = read_rows("rows.json");
  ASSERT_EQ(names_of(rows), (Arguments{tiny_name("slow"), tiny_name("fast")}));
  const json expected{// As the library has it.
                      {"family_index", 0},
                      {"per_family_instance_index", 0},
                      {"run_name", tiny_name("slow")},
                      {"run_type", "iteration"},
                      {"repetitions", 1},
                      {"repetition_index", 0},
                      {"threads", 1},
                      {"iterations", 20},
                      {"time_unit", "us"},
                      // What was run.
                      {"batch", 2},
                      {"seq_len", 8},
                      {"embed_dim", 16},
                      {"heads", 2},
                      {"head_dim", 8},
                      {"beta", 1},
                      {"seed", 26214},
                      {"tokens", 10},
                      {"sum_len_sq", 68},
                      {"padding", 0.375},
                      {"errors", 0},
                      {"path", "slow"},
                      {"dtype", "fp32"},
                      {"device", "cpu"},
                      {"lengths", "script"}};
  for (const auto& [key, value] : expected.items()) {
    EXPECT_EQ(rows[0].value(key, json()), value) << key;
  }
  for (const json& row : rows) {
    EXPECT_GT(row.at("real_time"), 0);
    EXPECT_GT(row.at("cpu_time"), 0);
    EXPECT_GT(row.at("worst_bound"), 0);
    EXPECT_GT(row.at("rel_err"), 0);
    EXPECT_LT(row.at("rel_err"), 1e-5);
    EXPECT_LT(row.at("worst_err"), row.at("worst_bound"));
    EXPECT_GT(row.at("event_us_p05"), 0);
    EXPECT_LE(row.at("event_us_p05"), row.at("event_us_median"));
    EXPECT_LE(row.at("event_us_median"), row.at("event_us_p95"));
    EXPECT_GE(row.at("samples"), 1);
    EXPECT_LE(row.at("samples"), 20);
    EXPECT_GE(row.at("calls_per_sample"), 1);
  }
  EXPECT_EQ(rows[1].at("path"), "fast");
}

TEST_F(ProgramResults, JsonTellsTheCanariesBetweenItsConfigurations) {
  const Arguments run = tiny_run() + Arguments{"--beta=1,2,3", "--benchmark_out=rows.json",
                                               "--benchmark_repetitions=2"};
  const auto before = [this] {
    Arguments rows;
    double last = 0;
    const json file = read_json("rows.json");
    for (const json& canary : file.at("context").at("canaries")) {
      EXPECT_GT(canary.at("us"), 0);
      EXPECT_GE(canary.at("seconds"), last);
      last = canary.at("seconds");
      rows.push_back(canary.value("before_row", "the end"));
    }
    return rows;
  };
  const auto slow = [](const std::string& beta) {
    return "MHA/slow/fp32/batch:2/seq_len:8/embed_dim:16/heads:2/beta:" + beta + "/manual_time";
  };
  run_to(0, run + Arguments{"--canary=0"});
  EXPECT_EQ(before(), (Arguments{slow("1"), slow("2"), slow("3"), "the end"}));
  EXPECT_FALSE(read_rows("rows.json").at(0).contains("canary"));
  run_to(0, run + Arguments{"--canary=3600", "--rounds=2", "--benchmark_repetitions=1"});
  EXPECT_EQ(before(), (Arguments{slow("1"), "the end"}));
  run_to(0, run);
  EXPECT_FALSE(read_json("rows.json").at("context").contains("canaries"));
}

TEST_F(ProgramResults, JsonTellsWhereAndHowItWasRun) {
  run_to(0, tiny_run() + Arguments{"--benchmark_out=rows.json", "--benchmark_time_unit=ms",
                                   "--benchmark_context=team=blue,night=7", "--seed=3"});
  const json file = read_json("rows.json");
  const json& context = file.at("context");
  for (const char* const key :
       {"date", "host_name", "num_cpus", "caches", "library_build_type", "mhabench_version",
        "mhabench_revision", "cpu_model", "torch_version", "allow_tf32_cublas"}) {
    EXPECT_TRUE(context.contains(key)) << key;
  }
  const json expected{{"executable", "mha_bench"},
                      {"mhabench_schema", 2},
                      {"device", "cpu"},
                      {"threads", 1},
                      {"lengths", "script"},
                      {"seed", 3},
                      {"team", "blue"},
                      {"night", "7"},
                      {"grid",
                       {{"name", "cpu"},
                        {"dtype", {"fp32"}},
                        {"batch", {2}},
                        {"seq_len", {8}},
                        {"embed_dim", {16}},
                        {"heads", {2}},
                        {"beta", {1.0}}}}};
  for (const auto& [key, value] : expected.items()) {
    EXPECT_EQ(context.value(key, json()), value) << key;
  }
  EXPECT_EQ(context.at("command_line").back(), "--seed=3");
  for (const json& row : file.at("benchmarks")) EXPECT_EQ(row.at("time_unit"), "ms");
}

TEST_F(ProgramResults, TheContextTellsTheRatesThatRowsAreHeldAgainst) {
  run_to(0, tiny_run() + Arguments{"--benchmark_out=measured.json"});
  const json measured = read_json("measured.json").at("context").at("peaks");
  for (const char* const key : {"matrix_fp32", "copy", "exponentials"}) {
    EXPECT_GT(measured.at(key).at("value"), 0) << key;
    EXPECT_TRUE(measured.at(key).at("how").get<std::string>().starts_with("measured: ")) << key;
  }
  EXPECT_FALSE(measured.contains("matrix_fp16"));

  run_to(0, tiny_run() + Arguments{"--benchmark_out=given.json", "--peaks=0.001,1000,1000"});
  const json given = read_json("given.json");
  EXPECT_EQ(given.at("context").at("peaks").at("matrix_fp32"),
            json({{"value", 0.001}, {"unit", "TFLOP/s"}, {"how", "given by --peaks"}}));
  for (const json& row : given.at("benchmarks")) {
    const double useful = row.at("useful_flops");
    EXPECT_DOUBLE_EQ(row.at("floor_us").get<double>(), useful / 1000);
    EXPECT_GE(row.at("executed_flops").get<double>(), useful);
    EXPECT_FALSE(row.contains("tflops")) << "there is no busy time on the CPU";
  }
}

TEST_F(ProgramResults, ARunReplacesTheFileOfTheLastOne) {
  write("rows.json", std::string(100'000, '}'));
  ASSERT_EQ(::chmod((dir_ / "rows.json").c_str(), 0604), 0);
  const Outcome outcome = run_to(0, tiny_run() + Arguments{"--path=fast"},
                                 {{"BENCHMARK_OUT", "rows.json"}, {"BENCHMARK_DRY_RUN", "true"}});
  const json rows = read_rows("rows.json");
  ASSERT_EQ(names_of(rows), Arguments{tiny_name("fast")});
  EXPECT_EQ(rows[0].at("iterations"), 1) << "a dry run";
  EXPECT_EQ(files(), Arguments{"rows.json"}) << "no temporary stays";
  EXPECT_EQ(count_of("Total errors", outcome.out), 0) << "one path alone";
}

TEST_F(ProgramResults, JsonOnStdoutIsAllThatStandsThere) {
  const Outcome outcome = run_to(0, tiny_run() + Arguments{"--benchmark_format=json"});
  EXPECT_EQ(names_of(strict_json(outcome.out).at("benchmarks")),
            (Arguments{tiny_name("slow"), tiny_name("fast")}));
  EXPECT_NE(outcome.err.find("\nTotal errors: 0\n"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("\ndtype "), std::string::npos) << outcome.err;
}

// --- Repetitions
// ----------------------------------------------------------------------------------

class ProgramRepetitions : public ProgramResults {
 protected:
  static Arguments three_times() {
    return tiny_run() + Arguments{"--benchmark_repetitions=3", "--benchmark_out=rows.json"};
  }

  static Arguments aggregates_of(const std::string& path) {
    Arguments names;
    for (const char* const name : {"_mean", "_median", "_stddev", "_cv"}) {
      names.push_back(tiny_name(path) + name);
    }
    return names;
  }

  static Arguments repeated(const std::string& path) {
    return Arguments(3, tiny_name(path)) + aggregates_of(path);
  }
};

TEST_F(ProgramRepetitions, AreSummedUp) {
  run_to(0, three_times());
  const json rows = read_rows("rows.json");
  ASSERT_EQ(names_of(rows), repeated("slow") + repeated("fast"));
  std::vector<double> times;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rows[i].at("repetition_index"), i);
    EXPECT_EQ(rows[i].at("iterations"), 3);
    times.push_back(rows[i].at("real_time"));
  }
  std::ranges::sort(times);
  const double mean = (times[0] + times[1] + times[2]) / 3;
  EXPECT_NEAR(rows[3].at("real_time"), mean, 1e-9 * mean);
  EXPECT_NEAR(rows[4].at("real_time"), times[1], 1e-9 * mean);
  for (std::size_t i = 3; i < 7; ++i) {
    EXPECT_EQ(rows[i].at("run_type"), "aggregate");
    EXPECT_EQ(rows[i].at("path"), "slow");
    EXPECT_EQ(rows[i].at("dtype"), "fp32");
  }
  EXPECT_EQ(rows[3].at("errors"), 0);
  EXPECT_EQ(rows[6].value("errors", 0), 0) << "some versions have 0, some 0 over 0";
  EXPECT_EQ(rows[6].at("heads"), 0);
}

TEST_F(ProgramRepetitions, AreLeftOutWhereAggregatesAloneAreAsked) {
  const Outcome outcome = run_to(0, three_times() + Arguments{"--benchmark_report_aggregates_only",
                                                              "--benchmark_format=json"});
  EXPECT_EQ(names_of(read_rows("rows.json")), aggregates_of("slow") + aggregates_of("fast"));
  EXPECT_EQ(strict_json(outcome.out).at("benchmarks"), read_rows("rows.json"));
  EXPECT_NE(outcome.err.find("Wrong or failed rows: 0 of 6\n"), std::string::npos) << outcome.err;
}

TEST_F(ProgramRepetitions, AreKeptInTheFileWhereAggregatesAloneAreShown) {
  const Outcome outcome = run_to(0, three_times() + Arguments{"--benchmark_display_aggregates_only",
                                                              "--benchmark_format=console"});
  EXPECT_EQ(names_of(read_rows("rows.json")), repeated("slow") + repeated("fast"));
  EXPECT_EQ(count_of(tiny_name("slow"), outcome.out), 4) << outcome.out;
  EXPECT_EQ(count_of(tiny_name("slow") + "_median ", outcome.out), 1) << outcome.out;
}

// Of 2.7 million orders of 24 invocations one is that of an unshuffled run.
TEST_F(ProgramRepetitions, MayBeShuffled) {
  const Outcome outcome =
      run_to(0, tiny_run() + Arguments{"--benchmark_enable_random_interleaving", "--v=2",
                                       "--benchmark_repetitions=12", "--benchmark_format=json"});
  std::string order;
  for (const std::string& line : lines_of(outcome.err)) {
    if (line.find("Running MHA/") != std::string::npos) {
      order += line.find("Running MHA/slow/") != std::string::npos ? 's' : 'f';
    }
  }
  EXPECT_EQ(order.size(), 24u) << outcome.err;
  EXPECT_NE(order.substr(0, 12), std::string(12, order.front())) << outcome.err;
  std::map<std::string, std::set<int>> repetitions;
  const json file = strict_json(outcome.out);
  for (const json& row : file.at("benchmarks")) {
    if (row.at("run_type") == "iteration") {
      repetitions[row.at("path")].insert(row.at("repetition_index").get<int>());
    }
  }
  EXPECT_EQ(repetitions["slow"].size(), 12u);
  EXPECT_EQ(repetitions["fast"].size(), 12u);
  EXPECT_NE(outcome.err.find("\nWrong or failed rows: 0 of 24\n"), std::string::npos)
      << outcome.err;
}

// --- Other formats
// --------------------------------------------------------------------------------

TEST_F(ProgramResults, ACoefficientOfVariationIsNoTimeInCsv) {
  const Outcome outcome =
      run_to(0, tiny_run() + Arguments{"--path=slow", "--benchmark_format=csv",
                                       "--benchmark_repetitions=3", "--benchmark_out=rows.json"});
  const nlohmann::json row = read_rows("rows.json").back();
  ASSERT_EQ(row.at("aggregate_name"), "cv");
  std::smatch found;
  const std::string line = lines_of(outcome.out).back();
  ASSERT_TRUE(std::regex_search(line, found, std::regex("_cv\",,([^,]*),([^,]*),,"))) << line;
  const double share = row.at("real_time").get<double>();
  EXPECT_NEAR(std::stod(found[1]), share, share * 1e-4) << "six digits are printed";
}

// The same tokens, and the same squares.
TEST_F(ProgramResults, RowsTellBatchesOfOneNameApart) {
  const auto crc_of = [this](const char* lengths) {
    write("served.txt", lengths);
    run_to(0, {"--device=cpu", "--lengths_file=served.txt", "--embed_dim=16", "--heads=2",
               "--path=slow", "--benchmark_min_time=1x", "--benchmark_out=rows.json"});
    const nlohmann::json row = read_rows("rows.json").at(0);
    EXPECT_EQ(row.at("tokens"), 8);
    EXPECT_EQ(row.at("sum_len_sq"), 34);
    return row.at("lengths_crc").get<double>();
  };
  const double one = crc_of("3 5\n");
  EXPECT_EQ(crc_of("3 5 # again\n"), one);
  EXPECT_NE(crc_of("5 3\n"), one);
}

TEST_F(ProgramResults, CsvIsTheSameOnStdoutAndInAFile) {
  const Outcome outcome =
      run_to(0, tiny_run() + Arguments{"--benchmark_format=csv", "--benchmark_out=rows.csv",
                                       "--benchmark_out_format=csv", "--benchmark_repetitions=2"});
  EXPECT_EQ(outcome.out, read("rows.csv"));
  const std::vector<std::string> lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 13u) << outcome.out;
  EXPECT_EQ(lines[0].substr(0, 41), "name,iterations,real_time,cpu_time,time_u");
  EXPECT_NE(lines[0].find(",\"worst_bound\""), std::string::npos) << lines[0];
  for (const std::string& line : lines) EXPECT_EQ(fields_of(line), fields_of(lines[0])) << line;
  EXPECT_EQ(lines[1].find('"' + tiny_name("slow") + "\",3,"), 0u) << lines[1];
}

TEST_F(ProgramResults, CountersMayBeColumns) {
  const Outcome outcome =
      run_to(0, tiny_run() + Arguments{"--benchmark_out=rows.txt"},
             {{"BENCHMARK_COUNTERS_TABULAR", "true"}, {"BENCHMARK_OUT_FORMAT", "console"}});
  const std::string heading = "Benchmark +Time +CPU +Iterations +batch +beta .* worst_bound .*\n";
  const std::string row = tiny_name("slow") + " .* us .* us +3 +2 +1 ";
  for (const std::string& text : {outcome.out, read("rows.txt")}) {
    EXPECT_TRUE(std::regex_search(text, std::regex(heading))) << text;
    EXPECT_TRUE(std::regex_search(text, std::regex(row))) << text;
  }
  EXPECT_NE(outcome.out.find("\nTotal errors: 0\n"), std::string::npos) << outcome.out;
}

// bf16 keeps 8 bits: among thousands of elements two orders of summation differ by more than 1e-3.
TEST_F(ProgramResults, TheScriptsFilesAreAsTheScriptWritesThem) {
  const Outcome outcome =
      run_to(0, tiny_run() + Arguments{"--dtype=bf16,fp32", "--batch=16", "--embed_dim=64",
                                       "--heads=2,4", "--beta=0.5,1", "--save_path=table.csv",
                                       "--error_save_path=errors.json"});
  EXPECT_EQ(without_times(read("table.csv")),
            test::read_text(MHABENCH_TEST_DATA_DIR "/bench/program_table.golden"));
  EXPECT_EQ(read("errors.json"),
            test::read_text(MHABENCH_TEST_DATA_DIR "/bench/program_errors.golden"));
  EXPECT_EQ(strict_json(read("errors.json")).size(), 2u);
  EXPECT_NE(outcome.out.find("\nTotal errors: 4 ("), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\nWrong or failed rows: 0 of 16\n"), std::string::npos)
      << outcome.out;
}

// --- A user's own lengths
// -------------------------------------------------------------------------

TEST_F(ProgramResults, BatchesOfAFileAreReplayed) {
  write("served today.txt", "# what was served\n5 2 9   # three\n\n4\n");
  run_to(0, {"--device=cpu", "--threads=1", "--embed_dim=16", "--heads=2",
             "--lengths_file=served today.txt", "--benchmark_min_time=1x",
             "--benchmark_out=rows.json"});
  const json file = read_json("rows.json");
  const json& rows = file.at("benchmarks");
  ASSERT_EQ(names_of(rows), (Arguments{"MHA/slow/fp32/batch:3/seq_len:9/embed_dim:16/heads:2/"
                                       "lengths:served_today.2/manual_time",
                                       "MHA/fast/fp32/batch:3/seq_len:9/embed_dim:16/heads:2/"
                                       "lengths:served_today.2/manual_time",
                                       "MHA/slow/fp32/batch:1/seq_len:4/embed_dim:16/heads:2/"
                                       "lengths:served_today.4/manual_time",
                                       "MHA/fast/fp32/batch:1/seq_len:4/embed_dim:16/heads:2/"
                                       "lengths:served_today.4/manual_time"}));
  for (const json& row : {rows[0], rows[1]}) {
    EXPECT_EQ(row.at("batch"), 3);
    EXPECT_EQ(row.at("seq_len"), 9);
    EXPECT_EQ(row.at("tokens"), 16);
    EXPECT_EQ(row.at("sum_len_sq"), 25 + 4 + 81);
    EXPECT_EQ(row.at("lengths"), "served_today.2");
    EXPECT_FALSE(row.contains("beta"));
  }
  EXPECT_EQ(rows[2].at("padding"), 0);
  EXPECT_EQ(file.at("context").at("lengths"), "replayed");
  EXPECT_EQ(file.at("context").at("grid").at("batches"), 2);
}

}  // namespace
}  // namespace mhabench::bench
