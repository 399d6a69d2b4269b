#include "mhabench/base/decimal.h"

#include <clocale>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench {
namespace {

TEST(Decimal, ReadsPlainNotationAndWritesItShortest) {
  const struct {
    const char* text;
    std::int64_t units;
    const char* shortest;
  } cases[] = {
      {"0", 0, "0"},
      {"3", 3'000'000'000, "3"},
      {"0.85", 850'000'000, "0.85"},
      {".5", 500'000'000, "0.5"},
      {"5.", 5'000'000'000, "5"},
      {"00012.500", 12'500'000'000, "12.5"},
      {"-1", -1'000'000'000, "-1"},
      {"-0.05", -50'000'000, "-0.05"},
      {"-0", 0, "0"},
      {"0.000000001", 1, "0.000000001"},
      {"-0.000000001", -1, "-0.000000001"},
      {"0.100000000", 100'000'000, "0.1"},
      {"999999999.999999999", 999'999'999'999'999'999, "999999999.999999999"},
      {"-999999999.999999999", -999'999'999'999'999'999, "-999999999.999999999"},
  };
  for (const auto& [text, units, shortest] : cases) {
    const Decimal value = Decimal::parse(text);
    EXPECT_EQ(value.units(), units) << text;
    EXPECT_EQ(value, Decimal::from_units(units)) << text;
    EXPECT_EQ(value.str(), shortest) << text;
    EXPECT_EQ(Decimal::parse(value.str()), value) << text;
  }
}

TEST(Decimal, RefusesAnythingElse) {
  for (const std::string text :
       {"", ".", "-", "-.", "+1", "1e3", "0x1", "1,5", " 1", "1 ", "1.2.3", "--1", "nan", "inf",
        "0.0000000001", "1000000000", "1.-5", "1_000"}) {
    EXPECT_EQ(test::message_of<InputError>([&] { return Decimal::parse(text); }),
              "'" + text +
                  "' is not a decimal number (at most nine digits before and after a point, such "
                  "as 0.85)");
  }
}

TEST(Decimal, IsTheDoubleThatItsTextIs) {
  EXPECT_EQ(Decimal::parse("0.85").value(), 0.85);
  EXPECT_EQ(Decimal::parse("3.05").value(), 3.05);
  EXPECT_EQ(Decimal::parse("-0.05").value(), -0.05);
  EXPECT_EQ(Decimal::parse("0").value(), 0.0);
  EXPECT_EQ(Decimal::parse("999999999.999999999").value(), 999999999.999999999);
}

TEST(Decimal, TakesThePointWhateverTheLocale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr &&
      std::setlocale(LC_NUMERIC, "fr_FR.UTF-8") == nullptr) {
    GTEST_SKIP() << "no locale with a decimal comma is installed";
  }
  const Decimal value = Decimal::parse("0.85");
  EXPECT_EQ(value.value(), 0.85);
  EXPECT_EQ(value.str(), "0.85");
  std::setlocale(LC_NUMERIC, before.c_str());
}

TEST(Decimal, StepsWithoutRounding) {
  Decimal value = Decimal::parse("0.05");
  const Decimal step = Decimal::parse("0.2");
  for (int i = 0; i < 15; ++i) value = value + step;
  EXPECT_EQ(value, Decimal::parse("3.05"));
  double rounded = 0.05;
  for (int i = 0; i < 15; ++i) rounded += 0.2;
  EXPECT_NE(rounded, 3.05) << "what Decimal is for";
}

TEST(Decimal, IsOrderedByValue) {
  EXPECT_LT(Decimal::parse("-1"), Decimal{});
  EXPECT_LT(Decimal::parse("0.85"), Decimal::parse("3"));
  EXPECT_GT(Decimal::parse("0.9"), Decimal::parse("0.85"));
  EXPECT_EQ(Decimal::parse("1.0"), Decimal::parse("1"));
}

}  // namespace
}  // namespace mhabench
