#include "mhabench/results/comparability.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/results.h"

namespace mhabench {
namespace {

using test::file_row;
using test::message_of;
using test::results_file;

using Files = std::vector<BenchmarkFile>;

BenchmarkFile file_with(const std::string& key, const std::string& value) {
  BenchmarkFile file = results_file("b.json", {file_row("x", 10)});
  file.context[key] = value;
  return file;
}

std::vector<std::string> texts(const std::vector<Difference>& differences) {
  std::vector<std::string> list;
  for (const Difference& difference : differences) list.push_back(text_of(difference));
  return list;
}

TEST(Comparability, RefusesAnotherGpuDtypeLengthsOrSeed) {
  const Files base{results_file("a.json", {file_row("x", 10)})};
  EXPECT_TRUE(refusing_differences(base, base).empty());
  EXPECT_EQ(texts(refusing_differences(base, {file_with("gpu_name", "NVIDIA A100")})),
            std::vector<std::string>{"gpu_name: NVIDIA H200 against NVIDIA A100"});
  EXPECT_EQ(texts(refusing_differences(base, {file_with("seed", "1")})),
            std::vector<std::string>{"seed: 26214 against 1"});
  EXPECT_EQ(texts(refusing_differences({file_with("grid.dtype", "[\"fp16\"]")},
                                       {file_with("grid.dtype", "[\"bf16\"]")})),
            std::vector<std::string>{"grid.dtype: [\"fp16\"] against [\"bf16\"]"});
  EXPECT_EQ(texts(refusing_differences(base, {file_with("lengths", "full")})),
            std::vector<std::string>{"lengths: none against full"});
}

TEST(Comparability, RefusesASideOfTwoKinds) {
  const Files mixed{file_with("seed", "1"), file_with("seed", "2")};
  EXPECT_EQ(texts(refusing_differences(mixed, mixed)),
            std::vector<std::string>{"seed: 1 and 2 against 1 and 2"});
}

TEST(Comparability, RefusesRowsOfOneNameWithOtherLengths) {
  FileRow before = file_row("x", 10);
  before.numbers.insert(before.numbers.end(), {{"tokens", 990}, {"sum_len_sq", 61772}});
  FileRow after = file_row("x", 10);
  after.numbers.insert(after.numbers.end(), {{"tokens", 990}, {"sum_len_sq", 61770.5}});
  EXPECT_EQ(texts(refusing_differences({results_file("a.json", {before})},
                                       {results_file("b.json", {after})})),
            std::vector<std::string>{"sum_len_sq of x: 61772 against 61770.5"});
}

TEST(Comparability, TellsWhatElseBothSidesSayAndDifferIn) {
  const Files base{file_with("torch_version", "2.11.0")};
  EXPECT_EQ(texts(changed_context(base, {file_with("torch_version", "2.12.0")})),
            std::vector<std::string>{"torch_version: 2.11.0 against 2.12.0"});
  EXPECT_TRUE(changed_context(base, {file_with("cpu_model", "x")}).empty())
      << "what one side does not tell is no difference";
}

TEST(Comparability, TellsTheSuitesOtherVersion) {
  EXPECT_EQ(texts(changed_context({file_with("mhabench_version", "1.0.0")},
                                  {file_with("mhabench_version", "1.1.0")})),
            std::vector<std::string>{"mhabench_version: 1.0.0 against 1.1.0"});
}

// A file has the settings off their defaults alone.
TEST(Comparability, TellsEachSettingThatDiffersOrThatOneSideAloneHas) {
  const Files base{file_with("settings.precision", "0.005")};
  const Files next{file_with("settings.precision", "0.02")};
  const Files none{file_with("seed", "26214")};
  EXPECT_TRUE(changed_context(base, base).empty());
  EXPECT_EQ(texts(changed_context(base, next)),
            std::vector<std::string>{"settings.precision: 0.005 against 0.02"});
  EXPECT_EQ(texts(changed_context(base, none)),
            std::vector<std::string>{"settings.precision: 0.005 against none"});
  EXPECT_EQ(texts(changed_context(none, next)),
            std::vector<std::string>{"settings.precision: none against 0.02"});
}

TEST(Comparability, TakesNoRunForTwo) {
  const BenchmarkFile a = results_file("a.json", {file_row("x", 10)});
  BenchmarkFile copy = a;
  EXPECT_EQ(message_of<InputError>([&] {
              check_distinct({a, copy});
              return 0;
            }),
            "'a.json' is given twice: one run is no two replicates");
  copy.name = "b.json";
  EXPECT_EQ(message_of<InputError>([&] {
              check_distinct({a, copy});
              return 0;
            }),
            "'a.json' and 'b.json' hold the same run: one run is no two replicates");
  EXPECT_NO_THROW(check_distinct({a, results_file("b.json", {file_row("x", 10.001)})}));
}

}  // namespace
}  // namespace mhabench
