#include "mhabench/shards/shard_file.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/shard_files.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

using test::file_text;
using test::OrderedJson;

OrderedJson some_file() {
  return test::shard_file(test::shard_context(test::plan_names(6), {2, 3}, {2, 3}));
}

std::string refusal_of(const std::string& text) {
  return test::message_of<InputError>([&] { return parse_shard_file(text, "s.json"); });
}

std::string refusal_of(const std::function<void(OrderedJson&)>& change) {
  OrderedJson file = some_file();
  change(file);
  return refusal_of(file_text(file));
}

TEST(ShardFile, HoldsTheContextTheShareAndItsRowsInThePlansCount) {
  const OrderedJson json = some_file();
  const ShardFile file = parse_shard_file(file_text(json), "s.json");
  EXPECT_EQ(file.name, "s.json");
  EXPECT_EQ(file.shard, test::shard_context(test::plan_names(6), {2, 3}, {2, 3}));
  OrderedJson context = json["context"];
  context.erase("shard");
  EXPECT_EQ(file.context, context);
  ASSERT_EQ(file.rows.size(), 2U);
  OrderedJson second = json["benchmarks"][1];
  second["family_index"] = 3;
  EXPECT_EQ(file.rows[1].entries, std::vector<OrderedJson>{second});
  EXPECT_TRUE(file.rows[1].is_whole());
  EXPECT_FALSE(file.rows[1].wrong);
  EXPECT_FALSE(file.rows[1].failed);
}

TEST(ShardFile, ARowWithoutEntriesIsNotWhole) {
  OrderedJson json = some_file();
  json["benchmarks"].erase(0);
  const ShardFile file = parse_shard_file(file_text(json), "s.json");
  EXPECT_FALSE(file.rows[0].is_whole());
  EXPECT_TRUE(file.rows[1].is_whole());
}

TEST(ShardFile, RepetitionsAreCounted) {
  OrderedJson json = some_file();
  for (OrderedJson& row : json["benchmarks"]) row["repetitions"] = 2;
  OrderedJson again = json["benchmarks"][1];
  again["repetition_index"] = 1;
  json["benchmarks"].push_back(again);
  const ShardFile file = parse_shard_file(file_text(json), "s.json");
  EXPECT_FALSE(file.rows[0].is_whole()) << "one of two";
  EXPECT_TRUE(file.rows[1].is_whole());
  EXPECT_EQ(file.rows[1].entries.size(), 2U);
}

TEST(ShardFile, AggregatesAloneAreAWholeRow) {
  OrderedJson json = some_file();
  OrderedJson& row = json["benchmarks"][0];
  row["repetitions"] = 3;
  row["run_type"] = "aggregate";
  row["aggregate_name"] = "mean";
  row["errors"] = 1.0 / 3;
  const ShardFile file = parse_shard_file(file_text(json), "s.json");
  EXPECT_TRUE(file.rows[0].is_whole());
  EXPECT_TRUE(file.rows[0].wrong);
}

TEST(ShardFile, WrongFailedAndSkippedRowsAreToldApart) {
  OrderedJson json = some_file();
  json["benchmarks"][0]["errors"] = 1.0;
  json["benchmarks"][1]["error_occurred"] = true;
  json["benchmarks"][1]["error_message"] = "out of memory";
  const ShardFile file = parse_shard_file(file_text(json), "s.json");
  EXPECT_TRUE(file.rows[0].wrong);
  EXPECT_FALSE(file.rows[0].failed);
  EXPECT_TRUE(file.rows[1].failed);
  EXPECT_EQ(file.rows[1].message, "out of memory");
  json["benchmarks"][1]["skip_reason"] = "no such kernel";
  EXPECT_FALSE(parse_shard_file(file_text(json), "s.json").rows[1].failed);
}

TEST(ShardFile, RefusesWhatIsNoResultsFileOfAShare) {
  const std::string row = some_file()["benchmarks"][0]["name"];
  EXPECT_EQ(refusal_of(""), "'s.json': is empty");
  EXPECT_EQ(refusal_of("[]"),
            "'s.json': holds array, so it is no results file of Google Benchmark");
  const struct {
    std::function<void(OrderedJson&)> change;
    std::string message;
  } cases[] = {
      {[](auto& f) { f.erase("benchmarks"); },
       "has no 'context' and 'benchmarks', so it is no results file of Google Benchmark"},
      {[](auto& f) { f["benchmarks"] = OrderedJson::object(); },
       "'benchmarks' is object, not an array"},
      {[](auto& f) { f["pairs"] = 1; }, "'pairs' is no array"},
      {[](auto& f) { f["more"] = 1; }, "has a member 'more', which shares are not known to have"},
      {[](auto& f) {
         f["pairs"] = {{{"base", "slow"}, {"configuration", "x"}}};
       },
       "a pair's row 'MHA/slow/x/manual_time' is not of its share"},
      {[](auto& f) { f["benchmarks"].push_back(1); },
       "entry 3 of 'benchmarks' is number, not an object"},
      {[](auto& f) { f["benchmarks"].push_back(OrderedJson::array()); },
       "entry 3 of 'benchmarks' is array, not an object"},
      {[](auto& f) { f["context"].erase("shard"); },
       "is no share: its context has no 'shard', as mha_bench --shard=I/N gives it"},
      {[](auto& f) { f["context"]["shard"] = 1; }, "'shard' in its context: it is no object"},
      {[](auto& f) { f["context"]["shard"]["names"][1] = f["context"]["shard"]["names"][0]; },
       "'shard' in its context names '" + row + "' twice"},
      {[](auto& f) { f["benchmarks"][0]["run_name"] = "MHA/other"; },
       "row 'MHA/other' is not of its share"},
      {[](auto& f) { f["benchmarks"][0].erase("run_name"); }, "row '' is not of its share"},
      {[](auto& f) { f["benchmarks"][0]["run_name"] = 1; }, "'run_name' is number, not a string"},
      {[](auto& f) { f["benchmarks"][0]["errors"] = "1"; }, "'errors' is string, not a number"},
      {[](auto& f) { f["benchmarks"][0]["repetitions"] = -1; },
       "'repetitions' is number, not a count"},
      {[](auto& f) { f["benchmarks"].push_back(f["benchmarks"][0]); },
       "row '" + row + "' stands twice"},
  };
  for (const auto& [change, message] : cases) {
    EXPECT_EQ(refusal_of(change), "'s.json': " + message);
  }
}

TEST(ShardFile, MessagesStayOneLine) {
  const std::string message = refusal_of(
      [](auto& f) { f["benchmarks"][0]["run_name"] = "a\nb\x1b[31m" + std::string(999, 'x'); });
  EXPECT_EQ(message,
            "'s.json': row 'a?b?[31m" + std::string(192, 'x') + "...' is not of its share");
}

TEST(ShardFile, AFileThatCannotBeReadIsNamed) {
  const test::TempDir dir;
  const std::string missing = (dir / "missing").string();
  EXPECT_EQ(test::message_of<InputError>([&] { return read_shard_file(missing); }),
            "'" + missing + "': cannot be opened: No such file or directory");
  EXPECT_EQ(test::message_of<InputError>([&] { return read_shard_file(dir.path()); }),
            "'" + dir.path().string() + "': is a directory");
  test::write_text(dir / "good", file_text(some_file()));
  EXPECT_EQ(read_shard_file(dir / "good").rows.size(), 2U);
}

}  // namespace
}  // namespace mhabench
