#include "mhabench/shards/shard_context.h"

#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using test::message_of;

ShardContext some_context() { return {{2, 3}, 6, "cbf29ce484222325", {0, 1, 5}, {"a", "b", "c"}}; }

std::string with(std::string text, const std::string& part, const std::string& other) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part << " in " << text;
  return text.replace(at, part.size(), other);
}

TEST(ShardContext, IsReadBackAsItWasWritten) {
  EXPECT_EQ(json_text(some_context()),
            R"({"index":2,"of":3,"plan_rows":6,"plan_fingerprint":"cbf29ce484222325",)"
            R"("indices":"0-1,5","names":["a","b","c"]})");
  EXPECT_EQ(parse_shard_context(json_text(some_context())), some_context());
  const ShardContext empty{{3, 3}, 6, "cbf29ce484222325", {}, {}};
  EXPECT_EQ(parse_shard_context(json_text(empty)), empty);
}

TEST(ShardContext, RefusesWhatIsMalformedOrContradictsItself) {
  const std::string good = json_text(some_context());
  const struct {
    std::string text, message;
  } cases[] = {
      {"", "it is no object"},
      {"[1]", "it is no object"},
      {"{}", "it has no 'index'"},
      {with(good, ":2,", ":-2,"), "its 'index' is no integer from 0 to 100000"},
      {with(good, ":2,", ":2.5,"), "its 'index' is no integer from 0 to 100000"},
      {with(good, ":2,", ":4,"),
       "'4/3' is no share I/N (1 <= I <= N <= 100000, such as 2/8 for the second of eight)"},
      {with(good, ":6,", ":1e3,"), "its 'plan_rows' is no integer from 0 to 64000000"},
      {with(good, ":6,", ":64000001,"), "its 'plan_rows' is no integer from 0 to 64000000"},
      {with(good, ":6,", ":5,"), "'5' is no index below 5"},
      {with(good, "\"cbf29ce484222325\"", "17"), "its 'plan_fingerprint' is no string"},
      {with(good, "0-1,5", "0-1"), "it has 2 indices and 3 names"},
      {with(good, "\"c\"", "3"), "its 'names' holds no string"},
      {with(good, "[\"a\",\"b\",\"c\"]", "{}"), "its 'names' is no array"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(message_of<InputError>([&] { return parse_shard_context(text); }), message) << text;
  }
}

}  // namespace
}  // namespace mhabench
