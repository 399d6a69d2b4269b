#include "mhabench/shards/shard_context.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;
using test::message_of;

ShardContext some_context() { return {{2, 3}, 6, "cbf29ce484222325", {0, 1, 5}, {"a", "b", "c"}}; }

TEST(ShardContext, IsReadBackAsItWasWritten) {
  EXPECT_EQ(json_of(some_context()).dump(),
            R"({"index":2,"of":3,"plan_rows":6,"plan_fingerprint":"cbf29ce484222325",)"
            R"("indices":"0-1,5","names":["a","b","c"]})");
  EXPECT_EQ(shard_context_of(json_of(some_context())), some_context());
  const ShardContext empty{{3, 3}, 6, "cbf29ce484222325", {}, {}};
  EXPECT_EQ(shard_context_of(json_of(empty)), empty);
}

TEST(ShardContext, RefusesWhatIsMalformedOrContradictsItself) {
  const struct {
    const char* key;
    Json value;
    std::string message;
  } cases[] = {
      {"index", nullptr, "has no 'index'"},
      {"index", -2, "'index' is number, not a count"},
      {"index", 2.5, "'index' is number, not a count"},
      {"index", 4,
       "'4/3' is no share I/N (1 <= I <= N <= 100000, such as 2/8 for the second of eight)"},
      {"of", 100'001, "'of' is above 100000"},
      {"plan_rows", 1e3, "'plan_rows' is number, not a count"},
      {"plan_rows", 64'000'001, "'plan_rows' is above 64000000"},
      {"plan_rows", 5, "'5' is no index below 5"},
      {"plan_fingerprint", 17, "'plan_fingerprint' is number, not a string"},
      {"indices", "0-1", "it has 2 indices and 3 names"},
      {"names", {"a", "b", 3}, "'names' holds what is no string"},
      {"names", Json::object(), "'names' is no array"},
  };
  for (const auto& [key, value, message] : cases) {
    Json json = json_of(some_context());
    json[key] = value;
    EXPECT_EQ(message_of<InputError>([&] { return shard_context_of(json); }), message);
  }
  EXPECT_EQ(message_of<InputError>([] { return shard_context_of(Json::array()); }),
            "it is no object");
}

}  // namespace
}  // namespace mhabench
