#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/program.h"

namespace mhabench::bench {
namespace {

using test::Arguments;
using test::count_of;
using test::lines_of;
using test::Outcome;
using test::tiny_run;
using test::operator+;
using Json = nlohmann::json;

class ShardProgram : public test::ProgramTest {
 protected:
  Outcome merge_to(int status, const Arguments& arguments) const {
    test::Command merge = command({});
    merge.arguments = Arguments{MHABENCH_MERGE_PROGRAM} + arguments;
    Outcome outcome = test::run(merge);
    EXPECT_EQ(outcome.status, status) << outcome.out << outcome.err;
    return outcome;
  }

  // Three configurations in two shares, and in one run.
  void run_shards(const Arguments& more = {}) const {
    for (const char* const index : {"1", "2"}) {
      run_to(0, sweep() + more +
                    Arguments{"--shard=" + std::string(index) + "/2",
                              "--benchmark_out=" + std::string(index)});
    }
  }

  static Arguments sweep() { return tiny_run() + Arguments{"--heads=2,4,8"}; }
};

// What a row is, without what was measured.
Json identity_of(const Json& row) {
  Json identity;
  for (const char* const key : {"name",
                                "run_name",
                                "run_type",
                                "family_index",
                                "per_family_instance_index",
                                "repetitions",
                                "repetition_index",
                                "aggregate_name",
                                "iterations",
                                "path",
                                "dtype",
                                "device",
                                "lengths",
                                "batch",
                                "seq_len",
                                "embed_dim",
                                "heads",
                                "beta",
                                "seed",
                                "tokens",
                                "errors",
                                "max_abs_err"}) {
    if (row.contains(key)) identity[key] = row.at(key);
  }
  for (const auto& [key, value] : row.items()) {
    // Whether samples can carry an interval is for the samples to say.
    if (key != "event_ci") identity["keys"].push_back(key);
  }
  return identity;
}

// Of the list that a run with --rounds adds.
std::vector<std::string> configurations_of(const Json& file) {
  std::vector<std::string> configurations{file.contains("pairs") ? "pairs" : "no pairs"};
  for (const Json& pair : file.value("pairs", Json::array())) {
    configurations.push_back(pair.at("configuration"));
  }
  return configurations;
}

TEST_F(ShardProgram, SharesListEachRowOnceAndConfigurationsWhole) {
  const Arguments grid{"--grid=quick", "--list"};
  std::multiset<std::string> shared;
  for (const char* const shard : {"1/3", "2/3", "3/3"}) {
    const std::vector<std::string> names =
        lines_of(run_to(0, grid + Arguments{"--shard", shard}).out);
    EXPECT_EQ(names.size(), 32U);
    shared.insert(names.begin(), names.end());
    for (std::size_t i = 0; i + 1 < names.size(); i += 2) {
      std::string slow = names[i];
      EXPECT_EQ(slow.replace(4, 4, "fast"), names[i + 1]);
    }
  }
  const std::vector<std::string> all = lines_of(run_to(0, grid).out);
  EXPECT_EQ(shared, std::multiset<std::string>(all.begin(), all.end()));
}

TEST_F(ShardProgram, MergedSharesAreWhatOneRunWrites) {
  for (const Arguments& more :
       {Arguments{}, Arguments{"--benchmark_repetitions=2"},
        Arguments{"--benchmark_repetitions=2", "--benchmark_report_aggregates_only"},
        Arguments{"--rounds=6"}}) {
    run_shards(more);
    run_to(0, sweep() + more + Arguments{"--benchmark_out=whole"});
    const Outcome outcome = merge_to(0, {"merged", "2", "1"});
    EXPECT_EQ(outcome.err, "mha_merge: 6 rows of 2 shards: 0 wrong or failed, 0 missing\n");
    EXPECT_EQ(outcome.out, "");
    const Json whole = read_json("whole");
    const Json merged = read_json("merged");
    Json context = merged.at("context");
    EXPECT_EQ(context.at("shards").size(), 2U);
    for (const auto& [key, value] : whole.at("context").items()) {
      const bool may_differ = key == "date" || key == "load_avg" || key == "mhz_per_cpu" ||
                              key == "peaks";  // measured by each share
      if (key == "command_line") {
        EXPECT_FALSE(context.contains(key));
      } else if (!may_differ) {
        EXPECT_EQ(context.at(key), value) << key;
      }
      context.erase(key);
    }
    context.erase("shards");
    EXPECT_EQ(context, Json::object()) << "keys of the merged file alone";
    EXPECT_EQ(configurations_of(merged), configurations_of(whole));
    const Json& rows = whole.at("benchmarks");
    ASSERT_EQ(merged.at("benchmarks").size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(identity_of(merged.at("benchmarks")[i]), identity_of(rows[i]));
    }
  }
}

TEST_F(ShardProgram, AShareWithoutRowsIsAFileWithoutRows) {
  const Outcome outcome = run_to(0, sweep() + Arguments{"--shard=4/4", "--benchmark_out=4"});
  EXPECT_NE(outcome.err.find("mha_bench: shard 4/4 has nothing to run: there are fewer "
                             "configurations than shards\n"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(count_of("Failed to match", outcome.err), 0) << outcome.err;
  const Json file = read_json("4");
  EXPECT_EQ(file.at("benchmarks"), Json::array());
  EXPECT_TRUE(file.at("context").contains("host_name"));
  for (const char* const index : {"1", "2", "3"}) {
    run_to(0, sweep() + Arguments{"--shard=" + std::string(index) + "/4",
                                  "--benchmark_out=" + std::string(index)});
  }
  merge_to(0, {"merged", "1", "2", "3", "4"});
  EXPECT_EQ(read_rows("merged").size(), 6U);
}

TEST_F(ShardProgram, NothingMatchedStaysNothingMatched) {
  const Outcome outcome = run_to(3, tiny_run() + Arguments{"--shard=1/2", "--benchmark_filter=x"});
  EXPECT_NE(outcome.err.find("no row matches"), std::string::npos) << outcome.err;
}

TEST_F(ShardProgram, AMalformedShareIsRefused) {
  const Outcome outcome = run_to(2, tiny_run() + Arguments{"--shard=3/2"});
  EXPECT_EQ(outcome.err,
            "mha_bench: --shard: '3/2' is no share I/N (1 <= I <= N <= 100000, such as 2/8 for the "
            "second of eight)\n");
}

TEST_F(ShardProgram, AMissingShareIsToldAndTheOthersAreKept) {
  run_shards();
  const Outcome outcome = merge_to(1, {"merged", "2"});
  EXPECT_EQ(lines_of(outcome.err).front(), "mha_merge: shard 1/2 is not among the files");
  EXPECT_EQ(read_rows("merged").size(), read_rows("2").size());
}

TEST_F(ShardProgram, SharesThatDoNotBelongTogetherLeaveTheOutputAsItWas) {
  run_shards();
  run_to(0, sweep() + Arguments{"--seed=1", "--shard=2/2", "--benchmark_out=2"});
  write("merged", "kept");
  const Outcome outcome = merge_to(2, {"merged", "1", "2"});
  EXPECT_EQ(outcome.err, "mha_merge: '1' and '2' do not belong together: seed is 26214 and 1\n");
  EXPECT_EQ(read("merged"), "kept");
}

TEST_F(ShardProgram, LengthsFilesOfOneNameAreToldApart) {
  const Arguments run{"--device=cpu", "--threads=1",         "--embed_dim=16",  "--heads=2,4",
                      "--dtype=fp32", "--benchmark_dry_run", "--lengths_file=l"};
  write("l", "3 4 5\n");
  run_to(0, run + Arguments{"--shard=1/2", "--benchmark_out=1"});
  write("l", "3 3 5\n");
  run_to(0, run + Arguments{"--shard=2/2", "--benchmark_out=2"});
  const Outcome outcome = merge_to(2, {"merged", "1", "2"});
  EXPECT_NE(outcome.err.find("do not belong together: grid.lengths_fingerprint is "),
            std::string::npos)
      << outcome.err;
}

TEST_F(ShardProgram, MergeSaysWhatIsWrongWithItsCommandLine) {
  run_shards();
  const std::string good = read("1");
  const struct {
    Arguments arguments;
    std::string message;
  } cases[] = {
      {{}, "usage: mha_merge OUT IN... (--help says more)"},
      {{"merged"}, "usage: mha_merge OUT IN... (--help says more)"},
      {{"--fast", "merged", "1"}, "unknown flag '--fast' (--help lists all)"},
      {{"1", "1", "2"}, "'1' would be replaced and is one of the inputs"},
      {{"none/merged", "1"}, "cannot write 'none/merged': the directory 'none' does not exist"},
      {{"merged", "none"}, "'none': cannot be opened: No such file or directory"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(merge_to(2, arguments).err, "mha_merge: " + message + "\n");
  }
  EXPECT_EQ(read("1"), good);
  EXPECT_EQ(files(), (Arguments{"1", "2"}));
  const Outcome help = merge_to(0, {"--help"});
  EXPECT_NE(help.out.find("\nUsage: mha_merge OUT IN... [--flag"), std::string::npos);
  EXPECT_EQ(help.err, "");
}

TEST_F(ShardProgram, AWrongRowMakesTheMergesStatusOne) {
  run_shards();
  std::string text = read("1");
  const std::string correct = "\"errors\": 0.0";
  const std::size_t at = text.find(correct);
  ASSERT_NE(at, std::string::npos);
  write("1", text.replace(at, correct.size(), "\"errors\": 1.0"));
  const Outcome outcome = merge_to(1, {"/dev/stdout", "1", "2"});
  EXPECT_EQ(lines_of(outcome.err).front().find("mha_merge: wrong: MHA/"), 0U) << outcome.err;
  EXPECT_EQ(test::strict_json(outcome.out).at("benchmarks").size(), 6U);
}

}  // namespace
}  // namespace mhabench::bench
