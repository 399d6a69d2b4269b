#include "mhabench/shards/merge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/scaling.h"
#include "support/shard_files.h"

namespace mhabench {
namespace {

using test::file_text;
using test::OrderedJson;
using Files = std::vector<OrderedJson>;

const std::vector<std::string> kPlan = test::plan_names(6);

// Six rows over three shares, of which the last has none.
Files some_files() {
  return {test::shard_file(test::shard_context(kPlan, {1, 3}, {0, 1, 4, 5}), "node1"),
          test::shard_file(test::shard_context(kPlan, {2, 3}, {2, 3}), "node2"),
          test::shard_file(test::shard_context(kPlan, {3, 3}, {}), "node3")};
}

Merged merged(const Files& files) {
  std::vector<ShardFile> read;
  for (std::size_t i = 0; i < files.size(); ++i) {
    read.push_back(
        parse_shard_file(file_text(files[i]), std::string(1, static_cast<char>('a' + i))));
  }
  return merge_shards(std::move(read));
}

std::string refusal_of(const Files& files) {
  return test::message_of<InputError>([&] { return merged(files); });
}

TEST(Merge, RowsAreThoseOfAWholeRunInThePlansOrder) {
  const Files files = some_files();
  const Merged result = merged(files);
  EXPECT_TRUE(result.is_correct());
  EXPECT_EQ(result.rows, 6U);
  EXPECT_EQ(result.shards, 3U);
  EXPECT_EQ(result.notes, std::vector<std::string>{});
  const OrderedJson json = OrderedJson::parse(result.text);
  OrderedJson rows = OrderedJson::array();
  for (const auto& [file, row] : {std::pair(0, 0), {0, 1}, {1, 0}, {1, 1}, {0, 2}, {0, 3}}) {
    rows.push_back(
        files.at(static_cast<std::size_t>(file))["benchmarks"].at(static_cast<std::size_t>(row)));
    rows.back()["family_index"] = rows.size() - 1;
  }
  EXPECT_EQ(json["benchmarks"], rows);
}

TEST(Merge, TheTextIsLaidOutAsARunsFile) {
  const Merged result = merged(some_files());
  EXPECT_EQ(result.text, file_text(OrderedJson::parse(result.text)));
  const Merged empty = merged({test::shard_file(test::shard_context({}, {1, 1}, {}))});
  EXPECT_EQ(empty.text, file_text(OrderedJson::parse(empty.text)));
  EXPECT_TRUE(empty.is_correct());
}

// What a run with --rounds adds.
TEST(Merge, PairsStandInThePlansOrder) {
  Files files = some_files();
  const auto pair = [](int batch, const char* clock) {
    return OrderedJson{{"base", "slow"},
                       {"path", "fast"},
                       {"configuration", "fp16/batch:" + std::to_string(batch) +
                                             "/seq_len:64/embed_dim:512/heads:8/beta:0.85"},
                       {"clock", clock},
                       {"interval", {0.5, 0.75}}};
  };
  files[0]["pairs"] = {pair(1, "event"), pair(1, "busy"), pair(3, "event")};
  files[1]["pairs"] = OrderedJson::array({pair(2, "event")});
  files[2]["pairs"] = OrderedJson::array();
  const Merged result = merged(files);
  const OrderedJson json = OrderedJson::parse(result.text);
  EXPECT_EQ(json["pairs"],
            (OrderedJson{pair(1, "event"), pair(1, "busy"), pair(2, "event"), pair(3, "event")}));
  EXPECT_EQ(result.text, file_text(json));
}

TEST(Merge, TheOrderOfTheFilesDoesNotMatter) {
  Files files = some_files();
  const std::string text = merged(files).text;
  std::ranges::rotate(files, files.begin() + 1);
  EXPECT_EQ(merged(files).text, text);
}

TEST(Merge, TheContextKeepsWhatIsCommonAndListsWhatDiffers) {
  const OrderedJson context = OrderedJson::parse(merged(some_files()).text)["context"];
  const OrderedJson expected{{"date", "2026-11-23T02:28:48+00:00"},
                             {"mhabench_revision", "0123abc"},
                             {"device", "cuda:0"},
                             {"gpu_name", "NVIDIA H200"},
                             {"grid", {{"name", "script"}, {"heads", {8}}}},
                             {"seed", 26214},
                             {"shards",
                              {{{"index", 1},
                                {"of", 3},
                                {"rows", 4},
                                {"host_name", "node1"},
                                {"gpu_uuid", "GPU-node1"},
                                {"command_line", {"--shard=1/3"}}},
                               {{"index", 2},
                                {"of", 3},
                                {"rows", 2},
                                {"host_name", "node2"},
                                {"gpu_uuid", "GPU-node2"},
                                {"command_line", {"--shard=2/3"}}},
                               {{"index", 3},
                                {"of", 3},
                                {"rows", 0},
                                {"host_name", "node3"},
                                {"gpu_uuid", "GPU-node3"},
                                {"command_line", {"--shard=3/3"}}}}}};
  EXPECT_EQ(context.dump(2), expected.dump(2));
}

TEST(Merge, EachShareKeepsItsCanaries) {
  Files files = some_files();
  double us = 180;
  for (OrderedJson& file : files) {
    file["context"]["canaries"] = OrderedJson::array({{{"us", us++}}});
  }
  const OrderedJson context = OrderedJson::parse(merged(files).text)["context"];
  EXPECT_FALSE(context.contains("canaries"));
  EXPECT_EQ(context["shards"][1]["canaries"][0]["us"], 181.0);
}

TEST(Merge, SharesOfDifferentContextsAreRefusedWithWhatDiffers) {
  const struct {
    const char* key;
    OrderedJson value;
    std::string message;
  } cases[] = {
      {"mhabench_revision", "other", "mhabench_revision is 0123abc and other"},
      {"gpu_name", "NVIDIA H100", "gpu_name is NVIDIA H200 and NVIDIA H100"},
      {"seed", 1, "seed is 26214 and 1"},
      {"device", "cpu", "device is cuda:0 and cpu"},
      {"grid", {{"name", "script"}, {"heads", {8, 16}}}, "grid.heads is [8] and [8,16]"},
      {"cudnn_version", "9.1", "cudnn_version is none and 9.1"},
  };
  for (const auto& [key, value, message] : cases) {
    Files files = some_files();
    files[1]["context"][key] = value;
    EXPECT_EQ(refusal_of(files), "'a' and 'b' do not belong together: " + message);
  }
}

TEST(Merge, WhatAUserSaidOfEachShareIsKept) {
  Files files = some_files();
  files[0]["context"]["note"] = "night";
  files[1]["context"]["note"] = "day";
  for (OrderedJson& file : files) file["context"]["site"] = "here";
  const OrderedJson context = OrderedJson::parse(merged(files).text)["context"];
  EXPECT_EQ(context["site"], "here");
  EXPECT_FALSE(context.contains("note"));
  EXPECT_EQ(context["shards"][0]["note"], "night");
  EXPECT_EQ(context["shards"][1]["note"], "day");
  EXPECT_FALSE(context["shards"][2].contains("note"));
}

TEST(Merge, TheDeviceMayBeAnotherGpu) {
  Files files = some_files();
  files[1]["context"]["device"] = "cuda:1";
  const OrderedJson context = OrderedJson::parse(merged(files).text)["context"];
  EXPECT_FALSE(context.contains("device"));
  EXPECT_EQ(context["shards"][1]["device"], "cuda:1");
}

TEST(Merge, SharesOfDifferentPlansAreRefused) {
  Files files = some_files();
  files[1] = test::shard_file(test::shard_context(kPlan, {2, 4}, {2, 3}));
  EXPECT_EQ(refusal_of(files),
            "'a' and 'b' do not belong together: the number of shards is 3 and 4");
  files[1] = test::shard_file(test::shard_context(test::plan_names(8), {2, 3}, {2, 3}));
  EXPECT_EQ(refusal_of(files),
            "'a' and 'b' do not belong together: the number of rows of all shards is 6 and 8");
  std::vector<std::string> other = kPlan;
  std::swap(other[0], other[1]);
  files[1] = test::shard_file(test::shard_context(other, {2, 3}, {2, 3}));
  EXPECT_EQ(
      refusal_of(files).find(
          "'a' and 'b' do not belong together: the fingerprint of the rows of all shards is "),
      0U);
}

TEST(Merge, AShareOrARowTwiceIsRefused) {
  Files files = some_files();
  files.push_back(files[1]);
  EXPECT_EQ(refusal_of(files), "'b' and 'd' are both shard 2/3");
  files = some_files();
  files[2] = test::shard_file(test::shard_context(kPlan, {3, 3}, {3}), "node3");
  EXPECT_EQ(refusal_of(files), "row '" + kPlan[3] + "' stands in 'b' and in 'c'");
}

TEST(Merge, RowsThatAreNotThePlansAreRefused) {
  Files files = some_files();
  files[1]["context"]["shard"]["names"][0] = "MHA/forged";
  files[1]["benchmarks"].erase(0);
  EXPECT_EQ(refusal_of(files).find("the rows that the shards name are not those of their plan: "),
            0U);
}

TEST(Merge, MissingSharesAndLostRowsAreTold) {
  Files files = some_files();
  files.erase(files.begin() + 1);
  Merged result = merged(files);
  EXPECT_FALSE(result.is_correct());
  EXPECT_EQ(result.missing, 2U);
  EXPECT_EQ(result.rows, 4U);
  EXPECT_EQ(result.notes, (std::vector<std::string>{"shard 2/3 is not among the files",
                                                    "2 of 6 rows are in no file"}));
  files = some_files();
  files[0]["benchmarks"].erase(2);
  files[1]["benchmarks"][1]["repetitions"] = 3;
  result = merged(files);
  EXPECT_EQ(result.missing, 2U);
  EXPECT_EQ(result.rows, 5U);
  EXPECT_EQ(result.notes,
            (std::vector<std::string>{"lost: 2 of 3 repetitions of " + kPlan[3] + " (in 'b')",
                                      "lost: " + kPlan[4] + " (in 'a')"}));
  EXPECT_EQ(OrderedJson::parse(result.text)["benchmarks"].size(), 5U);
}

TEST(Merge, WrongAndFailedRowsAreToldAndKept) {
  Files files = some_files();
  files[0]["benchmarks"][1]["errors"] = 1.0;
  files[1]["benchmarks"][0]["error_occurred"] = true;
  files[1]["benchmarks"][0]["error_message"] = "out of\nmemory";
  const Merged result = merged(files);
  EXPECT_FALSE(result.is_correct());
  EXPECT_EQ(result.wrong, 2U);
  EXPECT_EQ(result.missing, 0U);
  EXPECT_EQ(result.notes, (std::vector<std::string>{"wrong: " + kPlan[1],
                                                    "failed: " + kPlan[2] + ": out of?memory"}));
  EXPECT_EQ(OrderedJson::parse(result.text)["benchmarks"].size(), 6U);
}

TEST(Merge, NotesEndWhereNobodyWouldReadOn) {
  const std::vector<std::string> plan = test::plan_names(100);
  std::vector<std::size_t> indices(100);
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  OrderedJson file = test::shard_file(test::shard_context(plan, {1, 1}, indices));
  for (OrderedJson& row : file["benchmarks"]) row["errors"] = 1.0;
  const Merged result = merged({file});
  EXPECT_EQ(result.wrong, 100U);
  ASSERT_EQ(result.notes.size(), 21U);
  EXPECT_EQ(result.notes.back(), "... and 80 more rows that are wrong or failed");
}

// Rows dealt to four shares in turn, pairs of paths together.
std::vector<std::string> share_texts(std::size_t rows) {
  const std::vector<std::string> plan = test::plan_names(rows);
  std::vector<std::string> texts;
  for (int share = 0; share < 4; ++share) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < rows; ++i) {
      if (static_cast<int>(i / 2 % 4) == share) indices.push_back(i);
    }
    texts.push_back(
        file_text(test::shard_file(test::shard_context(plan, {share + 1, 4}, indices))));
  }
  return texts;
}

TEST(Merge, TakesTimeLinearInTheRows) {
  const auto seconds = [](std::size_t rows) {
    const std::vector<std::string> texts = share_texts(rows);
    return test::cpu_seconds_of([&] {
      std::vector<ShardFile> files;
      for (const std::string& text : texts) {
        files.push_back(parse_shard_file(text, std::to_string(files.size())));
      }
      ASSERT_EQ(merge_shards(std::move(files)).rows, rows);
    });
  };
  EXPECT_LT(seconds(20'000), test::kLinearForFourfold * seconds(5'000));
}

TEST(Merge, NothingToMergeIsRefused) { EXPECT_EQ(refusal_of({}), "there is no file to merge"); }

}  // namespace
}  // namespace mhabench
