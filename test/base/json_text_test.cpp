#include "mhabench/base/json_text.h"

#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

std::string problem(const std::string& text) {
  return test::message_of<InputError>([&] { return parse_json<Json>(text); });
}

std::string nested(int levels) {
  const auto count = static_cast<std::size_t>(levels);
  return std::string(count, '[') + std::string(count, ']');
}

TEST(ParseJson, TakesAFilesLevelsAndNoMillion) {
  EXPECT_EQ(parse_json<Json>(nested(kMostJsonLevels)).dump(), nested(kMostJsonLevels));
  EXPECT_EQ(problem(nested(kMostJsonLevels + 2)), "is nested too deep");
  EXPECT_EQ(problem(R"({"context": )" + nested(1'000'000) + "}"), "is nested too deep");
}

TEST(ParseJson, KeepsTheOrderWhereItIsAsked) {
  EXPECT_EQ(parse_json<OrderedJson>(R"({"b":1,"a":2})").dump(), R"({"b":1,"a":2})");
}

TEST(ParseJson, LeavesOutWhatTheCallerDropped) {
  const auto drop_twos = [](int, Json::parse_event_t event, Json& parsed) {
    return event != Json::parse_event_t::value || parsed != 2;
  };
  EXPECT_EQ(parse_json<Json>("[1,2,3]", drop_twos).dump(), "[1,3]");
}

TEST(ParseJson, NamesThePlaceAndTheCause) {
  EXPECT_EQ(problem("[1,\n2").find("is truncated or no JSON: parse error at line 2, column 2: "),
            0u)
      << problem("[1,\n2");
  EXPECT_EQ(problem("[1e400]"),
            "holds a number that is too large: number overflow parsing '1e400'");
  EXPECT_LT(problem('"' + std::string(1'000'000, 'x')).size(), 300u);
}

}  // namespace
}  // namespace mhabench
