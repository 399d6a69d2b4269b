#include "bench/filter.h"

#include <string>

#include <gtest/gtest.h>

#include "mhabench/config/error.h"
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
      {"a{1000000000}", "'a{1000000000}' is not a regular expression: too complex"},
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
  for (const std::size_t depth : {201, 60'000}) {
    EXPECT_EQ(test::message_of<InputError>([&] { return RowFilter(nested(depth)); }),
              "'" + nested(depth) + "' is not a regular expression: nested more than 200 deep");
  }
}

}  // namespace
}  // namespace mhabench::bench
