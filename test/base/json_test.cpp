#include "mhabench/base/json.h"

#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;
using test::message_of;

std::string problem(const std::string& text) {
  return message_of<InputError>([&] { return parse_json(text); });
}

std::string nested(int levels) {
  const auto count = static_cast<std::size_t>(levels);
  return std::string(count, '[') + std::string(count, ']');
}

TEST(ParseJson, KeepsTheOrder) {
  EXPECT_EQ(parse_json(R"({"b":1,"a":2})").dump(), R"({"b":1,"a":2})");
}

TEST(ParseJson, TakesGoogleBenchmarksNoNumbersForNull) {
  EXPECT_EQ(parse_json(R"([NaN, -NaN, Infinity, -Infinity, -1, "NaN \" -Infinity"])").dump(),
            R"([null,null,null,null,-1,"NaN \" -Infinity"])");
}

TEST(ParseJson, TakesAFilesLevelsAndKeysAndNoMillion) {
  EXPECT_EQ(parse_json(nested(kMostJsonLevels)).dump(), nested(kMostJsonLevels));
  EXPECT_EQ(problem(nested(kMostJsonLevels + 2)), "is nested too deep");
  EXPECT_EQ(problem(R"({"context": )" + nested(1'000'000) + "}"), "is nested too deep");
  Json wide;
  for (std::size_t i = 0; i < kMostJsonKeys; ++i) wide[std::to_string(i)] = Json{{"a", 1}};
  EXPECT_EQ(parse_json(wide.dump()), wide);
  wide["one more"] = 1;
  EXPECT_EQ(problem('[' + wide.dump() + ']'), "has an object of more than 4096 keys");
}

TEST(ParseJson, NamesThePlaceAndTheCause) {
  EXPECT_EQ(problem(" \n"), "is empty");
  EXPECT_EQ(problem("\x1f\x8b\x08"), "is compressed; gunzip gives what is read here");
  EXPECT_EQ(problem("[1,\n2").find("is truncated or no JSON: parse error at line 2, column 2: "),
            0u)
      << problem("[1,\n2");
  EXPECT_EQ(problem("[1e400]"),
            "holds a number that is too large: number overflow parsing '1e400'");
  EXPECT_LT(problem('"' + std::string(1'000'000, 'x')).size(), 300u);
}

TEST(ReadJson, ReadsAFileOrSaysWhatIsWrong) {
  const test::TempDir dir;
  test::write_text(dir / "a.json", "[1]");
  EXPECT_EQ(read_json(dir / "a.json").dump(), "[1]");
  EXPECT_EQ(message_of<InputError>([&] { return read_json(dir / "absent"); }),
            "cannot be opened: No such file or directory");
}

TEST(Dumped, IsALineOfUtf8) { EXPECT_EQ(dumped(Json{{"a", "\xff\n"}}), "{\"a\":\"\uFFFD\\n\"}"); }

TEST(Member, IsOfItsTypeOrAbsent) {
  const Json json{{"text", "a"}, {"number", 1.5}, {"count", 3}, {"truth", true}, {"no", nullptr}};
  EXPECT_EQ(member<std::string>(json, "text"), "a");
  EXPECT_EQ(member<double>(json, "number"), 1.5);
  EXPECT_EQ(member<double>(json, "count"), 3);
  EXPECT_EQ(required<std::size_t>(json, "count"), 3u);
  EXPECT_EQ(member<bool>(json, "truth"), true);
  EXPECT_EQ(find_member(json, "no"), nullptr);
  EXPECT_FALSE(member<double>(json, "absent"));
  EXPECT_FALSE(member<double>(Json::array(), "absent"));
}

TEST(Member, NamesWhatIsOfAnotherTypeOrAbsent) {
  const Json json{{"text", "a"}, {"half", 0.5}, {"below", -1}, {"truth", true}};
  const auto problem_of = [](auto&& read) { return message_of<InputError>(read); };
  EXPECT_EQ(problem_of([&] { return *member<double>(json, "text"); }),
            "'text' is string, not a number");
  EXPECT_EQ(problem_of([&] { return *member<std::string>(json, "truth"); }),
            "'truth' is boolean, not a string");
  EXPECT_EQ(problem_of([&] { return *member<bool>(json, "text"); }),
            "'text' is string, not true or false");
  for (const char* const key : {"half", "below"}) {
    EXPECT_EQ(problem_of([&] { return required<std::size_t>(json, key); }),
              "'" + std::string(key) + "' is number, not a count");
  }
  EXPECT_EQ(problem_of([&] { return required<double>(json, "absent"); }), "has no 'absent'");
}

}  // namespace
}  // namespace mhabench
