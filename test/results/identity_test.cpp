#include "mhabench/results/identity.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/results.h"

namespace mhabench {
namespace {

using test::file_row;
using test::results_file;

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
