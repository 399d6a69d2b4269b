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
      {"[])]|[^])]slow", false, true},
      {"-[)]", true, true},
      {"(/)\\(", false, false},
      {"heads:[0-9]{1,3}/beta:[0-9.]{1,8}/", true, true},
      {"a{101}|MHA", true, true},
      {"a{0}MHA", true, true},
  };
  for (const auto& [pattern, fast, slow] : cases) {
    const RowFilter filter(pattern);
    EXPECT_EQ(filter.matches(kFast), fast) << pattern;
    EXPECT_EQ(filter.matches(kSlow), slow) << pattern;
  }
}

TEST(RowFilter, SaysWhatIsWrongWithAPattern) {
  const std::string is_none = " is not a regular expression: ";
  const struct {
    std::string pattern;
    std::string message;
  } cases[] = {
      {"(fast", "'(fast'" + is_none + "Unmatched ( or \\("},
      {"-fast)", "'fast)'" + is_none + "unbalanced parentheses"},
      {"a)(b", "'a)(b'" + is_none + "unbalanced parentheses"},
      {"heads:[8", "'heads:[8'" + is_none + "Unmatched [, [^, [:, [., or [="},
      {"a{2", "'a{2'" + is_none + "Unmatched \\{"},
      {"a{3,2}", "'a{3,2}'" + is_none + "Invalid content of \\{\\}"},
      {"[9-0]", "'[9-0]'" + is_none + "Invalid range end"},
      {"*fast*", "'*fast*'" + is_none + "Invalid preceding regular expression"},
      {"heads:\\d", "'heads:\\d'" + is_none + "unknown escape '\\d'"},
      {"(fast)\\1", "'(fast)\\1'" + is_none + "unknown escape '\\1'"},
      {"fast\\", "'fast\\'" + is_none + "Trailing backslash"},
      {"[[:digits:]]", "'[[:digits:]]'" + is_none + "Invalid character class name"},
      {"a{1000000000}", "'a{1000000000}'" + is_none + "counts that multiply to more than 255"},
      {"a{0,99999999999999999999}",
       "'a{0,99999999999999999999}'" + is_none + "counts that multiply to more than 255"},
      {"((a{20}){20}){20}",
       "'((a{20}){20}){20}'" + is_none + "counts that multiply to more than 255"},
  };
  for (const auto& [pattern, message] : cases) {
    EXPECT_EQ(test::message_of<InputError>([&] { RowFilter{pattern}; }), message);
  }
}

TEST(RowFilter, RefusesMoreAlternativesThanMemoryIsThereFor) {
  std::string names = std::string(kSlow);
  for (int i = 1; i < 5000; ++i) names += "|x";
  EXPECT_TRUE(RowFilter(names).matches(kSlow));
  EXPECT_NE(test::message_of<InputError>([&] {
              return RowFilter(names + "|x");
            }).find("more than 5000 alternatives"),
            std::string::npos);
}

TEST(RowFilter, TakesClassesInBrackets) {
  EXPECT_TRUE(RowFilter("slow[[:punct:])]").matches(kSlow));
  EXPECT_TRUE(RowFilter("slow[^[:alpha:])]").matches(kSlow));
  EXPECT_TRUE(RowFilter("slow[])/]").matches(kSlow));
  EXPECT_FALSE(RowFilter("slow[[:digit:])]").matches(kSlow));
}

TEST(RowFilter, RefusesWhatTheLibrarysRecursionWouldNotSurvive) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "slow" + std::string(depth, ')');
  };
  EXPECT_TRUE(RowFilter(nested(200)).matches(kSlow));
  for (const std::size_t depth : {201, 60'000}) {
    EXPECT_EQ(test::message_of<InputError>([&] { return RowFilter(nested(depth)); }),
              "'" + std::string(200, '(') +
                  "...' is not a regular expression: nested more than 200 deep");
  }
}

TEST(RowFilter, TakesAnExpressionOfAnyLength) {
  constexpr std::size_t kLength = 100'000;
  std::string names = "^(" + std::string(kSlow);
  while (names.size() < kLength) names += "|MHA/fast/fp16/batch:" + std::to_string(names.size());
  EXPECT_TRUE(RowFilter(names + ")$").matches(kSlow));
  EXPECT_FALSE(RowFilter(names + ")$").matches(kFast));
  EXPECT_FALSE(RowFilter(std::string(kLength, 'a')).matches(kSlow));
}

TEST(RowFilter, TakesTimeThatGoesWithTheNamesWhateverTheExpression) {
  const RowFilter filter("(((.*)*.*)*(a|a)*)*#");
  const std::string longer(2000, 'a');
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(filter.matches(kSlow));
  EXPECT_FALSE(filter.matches(longer));
}

}  // namespace
}  // namespace mhabench::bench
