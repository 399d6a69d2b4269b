#include "mhabench/base/text.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using test::message_of;
using Integers = std::vector<std::int64_t>;

TEST(Split, GivesThePartsBetweenSeparators) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,b", ','), (Parts{"a", "b"}));
  EXPECT_EQ(split("a", ','), (Parts{"a"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
  EXPECT_EQ(split(",a,", ','), (Parts{"", "a", ""}));
  EXPECT_EQ(split("a/b,c", '/'), (Parts{"a", "b,c"}));
}

TEST(Join, IsTheOppositeOfSplit) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "", "b"}, ", "), "a, , b");
}

TEST(NumberOf, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(number_of<int>("-3"), -3);
  EXPECT_EQ(number_of<double>("1e-3"), 1e-3);
  for (const char* text : {"", " 3", "3 ", "+3", "0x3", "3s", "2147483648"}) {
    EXPECT_EQ(number_of<int>(text), std::nullopt) << text;
  }
  for (const char* text : {"0.02s", "1e999", "1,5"}) {
    EXPECT_EQ(number_of<double>(text), std::nullopt) << text;
  }
}

TEST(ParsePositive, ReadsWholeIntegers) {
  EXPECT_EQ(parse_positive("1"), 1);
  EXPECT_EQ(parse_positive("0016"), 16);
  EXPECT_EQ(parse_positive("2147483647"), 2147483647);
}

TEST(ParsePositive, RefusesAnythingElse) {
  for (const std::string text : {"", "0", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "one",
                                 "1,2", "-99999999999999999999", "99999999999999999999x"}) {
    EXPECT_EQ(message_of<InputError>([&] { return parse_positive(text); }),
              "'" + text + "' is not a positive integer");
  }
  for (const std::string text : {"2147483648", "9223372036854775807", "99999999999999999999"}) {
    EXPECT_EQ(message_of<InputError>([&] { return parse_positive(text); }),
              "'" + text + "' is above 2147483647");
  }
}

TEST(ParseIntegers, ReadsListsAndRanges) {
  const struct {
    const char* text;
    Integers values;
  } cases[] = {
      {"16", {16}},
      {"16,32,8", {16, 32, 8}},
      {"64:256:64", {64, 128, 192, 256}},
      {"64:255:64", {64, 128, 192}},
      {"5:5:100", {5}},
      {"1,10:30:10,2", {1, 10, 20, 30, 2}},
      {"7,7", {7, 7}},
      {"2147483646:2147483647:1", {2147483646, 2147483647}},
      {"1:2147483647:2147483647", {1}},
  };
  for (const auto& [text, values] : cases) EXPECT_EQ(parse_integers(text), values) << text;
}

TEST(ParseIntegers, SaysWhichPartIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", "'' is not a positive integer"},
      {"16,", "'' is not a positive integer"},
      {"16,x", "'x' is not a positive integer"},
      {"16;32", "'16;32' is not a positive integer"},
      {"64:512", "'64:512' is neither a value nor a range first:last:step"},
      {"8,1:2:3:4", "'1:2:3:4' is neither a value nor a range first:last:step"},
      {"64::2", "'' is not a positive integer"},
      {"64:32:8", "'64:32:8' ends below its start"},
      {"64:128:0", "'0' is not a positive integer"},
      {"1:100001:1", "'1:100001:1' gives more than 100000 values"},
      {"1:2147483647:1", "'1:2147483647:1' gives more than 100000 values"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(message_of<InputError>([text = text] { return parse_integers(text); }), message);
  }
  EXPECT_EQ(parse_integers("1:100000:1").size(), 100'000u);
}

TEST(ParseDecimals, StepsExactly) {
  std::vector<std::string> texts;
  for (const Decimal value : parse_decimals("0.05:3.05:0.2")) texts.push_back(value.str());
  EXPECT_EQ(texts, (std::vector<std::string>{"0.05", "0.25", "0.45", "0.65", "0.85", "1.05", "1.25",
                                             "1.45", "1.65", "1.85", "2.05", "2.25", "2.45", "2.65",
                                             "2.85", "3.05"}));
  EXPECT_EQ(parse_decimals(".5,2"), (std::vector{Decimal::parse("0.5"), Decimal::parse("2")}));
}

TEST(ParseDecimals, SaysWhichPartIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"0", "'0' is not above 0"},
      {"1,-0.5", "'-0.5' is not above 0"},
      {"1:2:0", "'0' is not above 0"},
      {"2:1:0.5", "'2:1:0.5' ends below its start"},
      {"1:2", "'1:2' is neither a value nor a range first:last:step"},
      {"1,b",
       "'b' is not a decimal number (at most nine digits before and after a point, such as 0.85)"},
      {"0.000000001:999999999:0.000000001",
       "'0.000000001:999999999:0.000000001' gives more than 100000 values"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(message_of<InputError>([text = text] { return parse_decimals(text); }), message);
  }
}

TEST(Closest, GuessesWhatWasMeant) {
  const std::vector<std::string> words{"batch",        "heads", "seq_len", "lengths",
                                       "lengths_file", "fp16",  "fp32",    "v"};
  const struct {
    const char* word;
    const char* meant;
  } cases[] = {
      {"batch", "batch"},     // itself
      {"bach", "batch"},      // one left out
      {"battch", "batch"},    // one too many
      {"botch", "batch"},     // one for another
      {"bacth", "batch"},     // two swapped
      {"seqlen", "seq_len"},  //
      {"hd", ""},             // too little left
      {"lengths_f", "lengths_file"},
      {"le", ""},       // the beginning of two
      {"ba", "batch"},  // the beginning of one
      {"b", ""},        // a letter says nothing
      {"x", ""},        // nor does it stand for another
      {"fp61", "fp16"},
      {"embed_dim", ""},
      {"", ""},
  };
  for (const auto& [word, meant] : cases) {
    EXPECT_EQ(closest(word, words), meant) << word;
    EXPECT_EQ(did_you_mean(word, words),
              *meant == '\0' ? "" : ", did you mean '" + std::string(meant) + "'?");
  }
  EXPECT_EQ(closest("batch", {}), "");
}

TEST(UnknownWord, ListsWhatIsAllowed) {
  EXPECT_EQ(unknown_word("grid", "scirpt", {"script", "quick"}),
            "unknown grid 'scirpt' (allowed: script, quick), did you mean 'script'?");
  EXPECT_EQ(unknown_word("grid", "", {"script", "quick"}),
            "unknown grid '' (allowed: script, quick)");
}

TEST(OneLine, ReplacesWhatBreaksALine) {
  EXPECT_EQ(one_line("a\nb\tc\r\x1b[1m\x7f"), "a?b?c??[1m?");
  EXPECT_EQ(one_line(std::string_view("a\0b", 3)), "a?b");
  EXPECT_EQ(one_line("\xce\xbcs, as it stands"), "\xce\xbcs, as it stands");
}

// A terminal takes U+009B for ESC [, and U+202E turns what follows it.
TEST(OneLine, ReplacesControlsAndMarksOfUnicode) {
  EXPECT_EQ(one_line("a\u009b31m\u0085b"), "a?31m?b");
  EXPECT_EQ(one_line("a\x9b 31m"), "a? 31m") << "as a byte of its own";
  EXPECT_EQ(one_line("a\u202eb\u2066c\u2069\u200f\u200e\u061cd\u2028\u2029"), "a?b?c????d??");
  const std::string kept = "\u00a0\u00e9\u0627\u061b\u061d\u200d\u2027\u202f\u2065\u206a\U0001f600";
  EXPECT_EQ(one_line(kept), kept);
  EXPECT_EQ(one_line("caf\xe9 \xe2\x80"), "caf\xe9 \xe2?") << "no UTF-8";
}

TEST(NumberText, HasTheDigitsAskedFor) {
  EXPECT_EQ(fixed(2.0 / 3, 3), "0.667");
  EXPECT_EQ(fixed(-1e300, 0).size(), 302u);
  EXPECT_EQ(general(0.012345, 3), "0.0123");
  EXPECT_EQ(general(1.2e9, 3), "1.2e+09");
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(4294967295.0), "4294967295");
}

TEST(Counted, SaysOneWithoutAnS) {
  EXPECT_EQ(counted(1, "row"), "1 row");
  EXPECT_EQ(counted(0, "row"), "0 rows");
}

TEST(FirstLine, EndsBeforeTheLineEnd) {
  EXPECT_EQ(first_line("a\nb"), "a");
  EXPECT_EQ(first_line("a"), "a");
}

}  // namespace
}  // namespace mhabench
