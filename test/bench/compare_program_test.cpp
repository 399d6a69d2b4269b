#include <cmath>
#include <filesystem>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "support/program.h"

namespace mhabench::bench {
namespace {

using nlohmann::json;
using test::Arguments;
using test::Outcome;
using test::operator+;

// What the kept files hold: slow and fast by beta 0.05 and 0.85, of a run on an H200.
constexpr const char* kConfig = "/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:";

std::string kept(const std::string& name) {
  return std::string(MHABENCH_TEST_DATA_DIR) + "/results/compare/" + name + ".json";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class CompareProgram : public test::ProgramTest {
 protected:
  CompareProgram() : ProgramTest(MHABENCH_COMPARE_PROGRAM) {}

  Outcome compare(int status, const std::string& name, const Arguments& more = {}) const {
    return run_to(status, Arguments{kept("base"), kept(name)} + more);
  }

  // A run of 12 rows on two paths, fast slower by `slowdown`.
  std::string write_run(const std::string& name, unsigned seed, double slowdown) const {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    json file{{"context", {{"date", name}}}, {"benchmarks", json::array()}};
    for (const std::string path : {"slow", "fast"}) {
      const double factor = path == "fast" ? 1 + slowdown : 1;
      for (int i = 0; i < 12; ++i) {
        file["benchmarks"].push_back(
            {{"name", "MHA/" + path + "/row:" + std::to_string(i)},
             {"run_type", "iteration"},
             {"real_time", 100 * factor * std::exp(0.004 * normal(random))},
             {"time_unit", "us"}});
      }
    }
    write(name, file.dump());
    return name;
  }

  std::string write_runs(const std::string& name, unsigned seed, double slowdown) const {
    std::string list;
    for (unsigned run = 0; run < 3; ++run) {
      const std::string file = name + std::to_string(run) + ".json";
      list += (run > 0 ? "," : "") + write_run(file, seed + run, slowdown);
    }
    return list;
  }
};

TEST_F(CompareProgram, FindsNothingBetweenAFileAndItself) {
  const Outcome outcome = compare(0, "base");
  EXPECT_TRUE(outcome.out.ends_with("\n\nNothing worse\n")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(CompareProgram, NamesAMissingRow) {
  const Outcome outcome = compare(1, "missing");
  EXPECT_TRUE(has(outcome.out, std::string("missing (1):\n  MHA/fast") + kConfig +
                                   "0.05/lengths:beta/manual_time\n"))
      << outcome.out;
  EXPECT_TRUE(has(outcome.out, "Worse: 1 of 4 rows (1 missing)\n"));
}

TEST_F(CompareProgram, NamesAFailedRowWithItsReason) {
  const Outcome outcome = compare(1, "failed");
  EXPECT_TRUE(has(outcome.out, std::string("newly failed (1):\n  MHA/slow") + kConfig +
                                   "0.85/lengths:beta/manual_time  (CUDA out of memory)\n"))
      << outcome.out;
  EXPECT_TRUE(has(outcome.out, "Worse: 1 of 4 rows (1 newly failed)\n"));
}

TEST_F(CompareProgram, NamesAWrongRow) {
  const Outcome outcome = compare(1, "wrong");
  EXPECT_TRUE(has(outcome.out, std::string("newly wrong (1):\n  MHA/fast") + kConfig +
                                   "0.85/lengths:beta/manual_time\n"))
      << outcome.out;
}

TEST_F(CompareProgram, RefusesAnotherGpuUnlessForced) {
  const Outcome refused = compare(2, "other_gpu");
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err,
            "mha_compare: not comparable: gpu_name: NVIDIA H200 against NVIDIA A100-SXM4-80GB "
            "(--force compares them all the same)\n");
  const Outcome forced = compare(0, "other_gpu", {"--force"});
  EXPECT_TRUE(has(forced.out, "FORCED gpu_name: NVIDIA H200 against NVIDIA A100-SXM4-80GB\n"))
      << forced.out;
}

TEST_F(CompareProgram, NamesThePlaceWhereAFileIsCutOff) {
  const Outcome outcome = compare(2, "truncated");
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err.find("mha_compare: '" + kept("truncated") +
                             "': is truncated or no JSON: parse error at line "),
            0u)
      << outcome.err;
  EXPECT_EQ(test::lines_of(outcome.err).size(), 1u);
}

TEST_F(CompareProgram, LeavesOneRunASideUndecided) {
  const Outcome outcome = compare(4, "half_slower");
  EXPECT_TRUE(has(outcome.out, "Nothing worse, 1 of 4 rows undecided\n")) << outcome.out;
  EXPECT_TRUE(has(outcome.out, "busy 1.500, 32.90 -> 49.34 us  MHA/slow")) << outcome.out;
}

TEST_F(CompareProgram, DecidesByRuns) {
  const std::string base = write_runs("a", 1, 0);
  const Outcome same = run_to(0, {base, write_runs("b", 11, 0)});
  EXPECT_TRUE(has(same.out, "NEW    3 runs, 24 rows: b0.json, b1.json, b2.json\n")) << same.out;
  const Outcome slower = run_to(1, {base, write_runs("c", 21, 0.06)});
  EXPECT_TRUE(has(slower.out, "Worse: 12 of 24 rows (12 slower)\n")) << slower.out;
  const Outcome faster = run_to(0, {base, write_runs("d", 31, -0.06)});
  EXPECT_TRUE(has(faster.out, "faster by the event clock (12):\n")) << faster.out;
}

TEST_F(CompareProgram, DecidesOneRunASideByACalibratedModel) {
  std::string runs = write_runs("n", 41, 0);
  Arguments calibrate{"--calibrate=noise.json"};
  for (unsigned i = 0; i < 6; ++i) {
    calibrate.push_back(write_run("m" + std::to_string(i) + ".json", 100 + i, 0));
  }
  EXPECT_EQ(run_to(0, calibrate).out, "");
  EXPECT_EQ(read_json("noise.json").at("runs"), 6);
  write_run("a.json", 1, 0);
  write_run("b.json", 2, 0.1);
  const Outcome outcome = run_to(1, {"a.json", "b.json", "--noise_model=noise.json"});
  EXPECT_TRUE(has(outcome.out, "noise from the noise model\n")) << outcome.out;
  EXPECT_TRUE(has(outcome.out, "Worse: 12 of 24 rows (12 slower)\n")) << outcome.out;
}

TEST_F(CompareProgram, NeverWritesAModelOverARun) {
  write_run("a.json", 1, 0);
  write_run("b.json", 2, 0);
  std::filesystem::create_symlink("a.json", dir_ / "link.json");
  const std::string before = read("a.json");
  for (const std::string out : {"a.json", "./a.json", "link.json"}) {
    EXPECT_EQ(run_to(2, {"--calibrate=" + out, "b.json", "a.json"}).err,
              "mha_compare: '" + out + "' would be replaced and is one of the inputs\n");
  }
  EXPECT_EQ(read("a.json"), before);
}

TEST_F(CompareProgram, ReadsFilesOfGoogleBenchmarkAlone) {
  const Outcome outcome = run_to(1, {kept("plain_1_7"), kept("plain_1_9")});
  EXPECT_TRUE(has(outcome.out, "BASE   3 repetitions, 2 rows: ")) << outcome.out;
  EXPECT_TRUE(has(outcome.out, "  event 1.300 (1.2")) << outcome.out;
  EXPECT_TRUE(has(outcome.out, "skipped (1):\n  BM_New  (no such device)\n")) << outcome.out;
  EXPECT_TRUE(has(outcome.out, "Worse: 1 of 3 rows (1 slower)\n")) << outcome.out;
}

TEST_F(CompareProgram, WritesOtherFormats) {
  const auto parsed = test::strict_json(compare(1, "missing", {"--format=json"}).out);
  EXPECT_EQ(parsed.at("rows").size(), 4u);
  EXPECT_EQ(parsed.at("counts").at("missing"), 1);
  EXPECT_EQ(compare(1, "missing", {"--format=github"}).out.find("::error title=missing::MHA/fast/"),
            0u);
  EXPECT_EQ(compare(1, "missing", {"--format=markdown"}).out.find("**Worse: 1 of 4 rows"), 0u);
}

TEST_F(CompareProgram, SaysTooMuchOrTooLittle) {
  EXPECT_EQ(run_to(2, {}).err,
            "mha_compare: needs two files, BASE and NEW (--help shows how to give several runs)\n");
  EXPECT_EQ(run_to(2, {kept("base"), "absent.json"}).err,
            "mha_compare: 'absent.json': cannot be opened: No such file or directory\n");
  EXPECT_EQ(run_to(2, {kept("base") + ',' + kept("base"), kept("missing")}).err,
            "mha_compare: '" + kept("base") + "' is given twice: one run is no two replicates\n");
  EXPECT_TRUE(has(run_to(0, {"--help"}).out, "Exit status: 0 nothing worse"));
  EXPECT_EQ(run_to(0, {"--version"}).out.find("mha_compare "), 0u);
}

TEST_F(CompareProgram, FailsWhereItsAnswerDoesNotArrive) {
  test::Command on_full_disk = command({kept("base"), kept("base")});
  on_full_disk.standard_output = test::Stdout::full;
  EXPECT_EQ(test::run(on_full_disk).status, 5);
}

}  // namespace
}  // namespace mhabench::bench
