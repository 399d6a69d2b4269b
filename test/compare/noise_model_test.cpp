#include "mhabench/compare/noise_model.h"

#include <cmath>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/results.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

using test::message_of;
using test::simulated_runs;
using test::TempDir;
using test::Truth;

Runs simulated(const Truth& truth, std::size_t count) {
  std::mt19937_64 random(3);
  return runs_of(simulated_runs({truth}, count, "a", random, std::mt19937_64(4)));
}

std::string problem(const std::string& text) {
  return message_of<InputError>([&] { return parse_noise_model(text, "n.json"); });
}

TEST(NoiseModel, FindsWhatRunsWereDrawnWith) {
  const NoiseModel model =
      calibrated(simulated({"fast", 400, 0, 0.03, 0.01, 0}, 40), "NVIDIA H200");
  EXPECT_EQ(model.runs, 40u);
  ASSERT_EQ(model.clocks.count(Clock::event), 1u);
  EXPECT_EQ(model.clocks.count(Clock::busy), 0u) << "no row has a busy time";
  const GroupNoise& noise = model.clocks.at(Clock::event).at({"fast", 2});
  EXPECT_NEAR(std::sqrt(noise.run.value), 0.03, 0.008);
  EXPECT_EQ(noise.run.freedom, 39);
  EXPECT_NEAR(std::sqrt(noise.row.value), 0.01, 0.0003);
  EXPECT_EQ(noise.rows, 400u);
}

TEST(NoiseModel, ComesBackFromItsText) {
  const NoiseModel model =
      calibrated(simulated({"fast", 30, 0, 0.03, 0.01, 0.5}, 3), "NVIDIA H200");
  const NoiseModel read = parse_noise_model(noise_model_json(model), "n.json");
  EXPECT_EQ(read.gpu_name, "NVIDIA H200");
  EXPECT_EQ(read.runs, 3u);
  for (const NoiseGroup& key : {NoiseGroup("fast", 2), NoiseGroup("fast", std::nullopt)}) {
    const GroupNoise& before = model.clocks.at(Clock::event).at(key);
    const GroupNoise& after = read.clocks.at(Clock::event).at(key);
    EXPECT_NEAR(after.run.value / before.run.value, 1, 1e-12);
    EXPECT_NEAR(after.row.value / before.row.value, 1, 1e-12);
    EXPECT_EQ(after.row.freedom, before.row.freedom);
    EXPECT_EQ(after.rows, before.rows);
  }
}

TEST(NoiseModel, NeedsTwoRunsAndEightRows) {
  EXPECT_EQ(message_of<InputError>([] { return calibrated(simulated({}, 1), ""); }),
            "noise between runs takes at least 2 runs of one build");
  EXPECT_EQ(message_of<InputError>([] {
              return calibrated(simulated({"fast", 7, 0, 0, 0.01, 0}, 3), "");
            }),
            "no path has 8 rows with a time in every run, the fewest that tell their noise");
}

TEST(NoiseModel, NamesTheFileThatIsNone) {
  EXPECT_EQ(problem("{}"), "'n.json': is no noise model of --calibrate");
  EXPECT_EQ(problem("{").find("'n.json': is truncated or no JSON: parse error"), 0u);
  EXPECT_EQ(problem(R"({"mhabench_noise_model": 1, "x": )" + std::string(1'000'000, '[')),
            "'n.json': is nested too deep");
  EXPECT_EQ(problem(R"({"mhabench_noise_model": 2})"), "'n.json': 'mhabench_noise_model' is not 1");
  EXPECT_EQ(problem(R"({"mhabench_noise_model": 1, "runs": 3, "clocks": {"busy": [
                {"path": "a", "rows": 9, "run_sd": -1, "run_freedom": 2, "row_sd": 0.1,
                 "row_freedom": 2}]}})"),
            "'n.json': 'run_sd' is not a number from 0 to 1000000000");
  const TempDir dir;
  const std::string absent = (dir / "absent.json").string();
  EXPECT_EQ(message_of<InputError>([&] { return read_noise_model(absent); }),
            "'" + absent + "': cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace mhabench
