#include "bench/cli/filter.h"

#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench::bench {
namespace {

constexpr const char* kFast =
    "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85/manual_time";
constexpr const char* kSlow =
    "MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:16/beta:0.85/manual_time";

TEST(RowFilter, KeepsWhatItsPatternIsFoundIn) {
  const struct {
    const char* pattern;
    bool fast;
    bool slow;
  } cases[] = {
      {"", true, true},
      {"all", true, true},
      {".", true, true},
      {"MHA", true, true},
      {"/fast/", true, false},
      {"-/fast/", false, true},
      {"heads:8/beta:0.85/", true, false},
      {"heads:1", false, true},
      {"^MHA/slow", false, true},
      {"^fast", false, false},
      {"beta:0.85$", false, false},
      {"beta:0.85/manual_time$", true, true},
      {"fast|slow", true, true},
      {"heads:(8|32)/", true, false},
      {"heads:[[:digit:]]{2}/", false, true},
      {"FAST", false, false},
      {"alle", false, false},
      {"-.", false, false},
      {"-", false, false},
      {"--", true, true},
      {"-^MHA/fast.*heads:16", true, true},
      {"beta:0\\.85", true, true},
      {"(a*)*b", true, true},
      {"(.*.*)*x", false, false},
      {"-(.*.*)*x", true, true},
      {"((.*)*)*heads:(1+)+6", false, true},
      {"(/|^)slow|fast$", false, true},
      {"[(]|[)]", false, false},
      {"a{0}MHA", true, true},
  };
  for (const auto& [pattern, fast, slow] : cases) {
    const RowFilter filter(pattern);
    EXPECT_EQ(filter.matches(kFast), fast) << pattern;
    EXPECT_EQ(filter.matches(kSlow), slow) << pattern;
  }
}

TEST(RowFilter, SaysWhatIsWrongWithAPattern) {
  const struct {
    const char* pattern;
    const char* message;
  } cases[] = {
      {"(fast", "'(fast' is not a regular expression: unbalanced parentheses"},
      {"-fast)", "'fast)' is not a regular expression: unbalanced parentheses"},
      {"heads:[8", "'heads:[8' is not a regular expression: unbalanced brackets"},
      {"a{2", "'a{2' is not a regular expression: a malformed count in braces"},
      {"a{3,2}", "'a{3,2}' is not a regular expression: a malformed count in braces"},
      {"[9-0]", "'[9-0]' is not a regular expression: a malformed range in brackets"},
      {"*fast*",
       "'*fast*' is not a regular expression: nothing stands before a '*', '+' or '?' (any text is "
       "'.*')"},
      {"heads:\\d", "'heads:\\d' is not a regular expression: an unknown escape"},
      {"[[:digits:]]",
       "'[[:digits:]]' is not a regular expression: an unknown class of characters"},
      {"a)(b", "'a)(b' is not a regular expression: unbalanced parentheses"},
      {"(fast)\\1", "'(fast)\\1' is not a regular expression: an unknown escape"},
      {"a{1000000000}",
       "'a{1000000000}' is not taken as a regular expression: its counts stand for more than 100 "
       "characters"},
      {"a{0,99999999999999999999}",
       "'a{0,99999999999999999999}' is not taken as a regular expression: its counts stand for "
       "more "
       "than 100 characters"},
      {"(){99999999999999999999}",
       "'(){99999999999999999999}' is not taken as a regular expression: its counts stand for more "
       "than 100 characters"},
      {"((a{4}b){5}){5}",
       "'((a{4}b){5}){5}' is not taken as a regular expression: its counts stand for more than 100 "
       "characters"},
  };
  for (const auto& [pattern, message] : cases) {
    EXPECT_EQ(test::message_of<InputError>([&] { RowFilter{pattern}; }), message);
  }
}

TEST(RowFilter, RefusesWhatTheLibrarysRecursionWouldNotSurvive) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "slow" + std::string(depth, ')');
  };
  EXPECT_TRUE(RowFilter(nested(200)).matches(kSlow));
  EXPECT_EQ(test::message_of<InputError>([&] { return RowFilter(nested(201)); }),
            "'" + nested(201).substr(0, 200) +
                "...' is not taken as a regular expression: nested more than 200 deep");

  const auto message_of_length = [](const std::string& pattern) {
    return test::message_of<InputError>([&] { RowFilter{pattern}; });
  };
  const std::string beyond =
      "...' is not taken as a regular expression: longer than 4096 characters";
  EXPECT_EQ(message_of_length("[{]" + nested(201)), "'[{]" + std::string(197, '(') +
                                                        "...' is not taken as a regular "
                                                        "expression: nested more than 200 deep");
  EXPECT_EQ(message_of_length(nested(60'000)), "'" + std::string(200, '(') + beyond);
  EXPECT_EQ(message_of_length(std::string(5000, 'a')), "'" + std::string(200, 'a') + beyond);
}

TEST(RowFilter, TakesAnExpressionOfTheLengthItPromises) {
  std::string names = kSlow;
  while (names.size() + 90 < 4096) names += "|MHA/fast/fp16/batch:" + std::to_string(names.size());
  EXPECT_TRUE(RowFilter(names).matches(kSlow));
  EXPECT_FALSE(RowFilter(names).matches(kFast));
  EXPECT_FALSE(RowFilter(std::string(4096, 'a')).matches(kSlow));
  std::string optional;
  for (int i = 0; i < 2048; ++i) optional += "a?";
  optional.replace(4094, 2, "#");
  EXPECT_TRUE(RowFilter("heads:[0-9]{1,3}/beta:[0-9.]{1,8}/").matches(kSlow));
  EXPECT_TRUE(RowFilter("a{101}|MHA").matches(kSlow));
  EXPECT_FALSE(RowFilter(optional).matches(kSlow));
}

TEST(RowFilter, TakesTimeThatGoesWithTheNamesWhateverTheExpression) {
  const RowFilter filter("(((.*)*.*)*(a|a)*)*#");
  const std::string longer(2000, 'a');
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(filter.matches(kSlow));
  EXPECT_FALSE(filter.matches(longer));
}

}  // namespace
}  // namespace mhabench::bench
