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

// A file of the row "x" that tells these numbers.
BenchmarkFile file_of(const std::vector<std::pair<std::string, double>>& numbers,
                      std::string aggregate = "") {
  FileRow row = file_row("x", 10);
  row.aggregate = std::move(aggregate);
  row.numbers.insert(row.numbers.end(), numbers.begin(), numbers.end());
  BenchmarkFile file = results_file("a.json", {row});
  file.context.erase("seed");
  return file;
}

std::string key_of(const BenchmarkFile& a, const BenchmarkFile& b) {
  const auto difference = rows_of_two_kinds({a}, {b});
  return difference ? difference->key + ": " + difference->base + " and " + difference->next : "";
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

TEST(Identity, IsSeedTokensAndFingerprintOfTheLengths) {
  EXPECT_EQ(key_of(file_of({{"seed", 20240101}}), file_of({{"seed", 20240102}})),
            "seed of x: 20240101 and 20240102");
  EXPECT_EQ(key_of(file_of({{"tokens", 7}}), file_of({{"tokens", 8}})), "tokens of x: 7 and 8");
  EXPECT_EQ(key_of(file_of({{"lengths_crc", 4294967295.0}}), file_of({{"lengths_crc", 0}})),
            "lengths_crc of x: 4294967295 and 0");
  const BenchmarkFile same = file_of({{"seed", 1}, {"tokens", 7}, {"lengths_crc", 3}});
  EXPECT_EQ(key_of(same, same), "");
}

TEST(Identity, OfOlderFilesIsWhatTheyTell) {
  const BenchmarkFile older = file_of({{"tokens", 7}});
  const BenchmarkFile one = file_of({{"tokens", 7}, {"lengths_crc", 1}});
  const BenchmarkFile two = file_of({{"tokens", 7}, {"lengths_crc", 2}});
  EXPECT_EQ(key_of(older, one), "");
  EXPECT_EQ(key_of(one, older), "");
  const auto difference = rows_of_two_kinds({older, one, two});
  ASSERT_TRUE(difference) << "the older one hides nothing";
  EXPECT_EQ(difference->key, "lengths_crc of x");
}

TEST(Identity, OfASeedThatIsNoDoubleIsTheContexts) {
  BenchmarkFile a = file_of({{"seed", 0x1p63}});
  BenchmarkFile b = a;
  a.context["seed"] = "9223372036854775808";
  b.context["seed"] = "9223372036854775809";
  EXPECT_EQ(key_of(a, b), "seed of x: 9223372036854775808 and 9223372036854775809");
  // Rows of two runs in one file have one context.
  b = a;
  b.rows.front().numbers.back().second = 5;
  EXPECT_EQ(key_of(a, b), "seed of x: 9223372036854775808 and 5");
}

TEST(Identity, HoldsForWhatStandsForRepetitionsAndForNoOtherStatistic) {
  for (const char* const kind : {"median", "mean"}) {
    EXPECT_EQ(key_of(file_of({{"seed", 1}}, kind), file_of({{"seed", 2}}, kind)),
              "seed of x: 1 and 2");
  }
  EXPECT_EQ(key_of(file_of({{"seed", 1}}), file_of({{"seed", 0}}, "stddev")), "");
}

TEST(Identity, IsTheGpuAndOnACpuTheThreads) {
  const auto on = [](const std::string& device, const std::string& gpu, const char* threads) {
    BenchmarkFile file = file_of({});
    file.rows.front().strings.emplace_back("device", device);
    file.context = {{"threads", threads}};
    if (!gpu.empty()) file.context["gpu_name"] = gpu;
    return file;
  };
  EXPECT_EQ(key_of(on("cuda:0", "A", "4"), on("cuda:1", "B", "4")), "gpu_name of x: A and B");
  EXPECT_EQ(key_of(on("cuda:0", "A", "4"), on("cuda:1", "A", "8")), "");
  EXPECT_EQ(key_of(on("cpu", "", "4"), on("cpu", "", "8")), "threads of x: 4 and 8");
  EXPECT_EQ(key_of(on("cuda:0", "A", "4"), on("cpu", "", "4")), "gpu_name of x: A and none");
}

}  // namespace
}  // namespace mhabench
