#include "bench/cli/flag_table.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/environment.h"
#include "support/errors.h"

namespace mhabench::bench {
namespace {

using Strings = std::vector<std::string>;

class FlagTableTest : public ::testing::Test {
 protected:
  FlagTableTest() {
    flags_.add_value("--noise_model", "FILE", "a file", [this](const std::string& value) {
      if (value == "bad") throw InputError("'bad' is no file");
      file_ = value;
    });
    flags_.add_switch("--force", "insist", force_);
    flags_.add_answers("Something 2");
    flags_.benchmark_group("Google Benchmark's");
    flags_.add_value("--benchmark_out", "FILE", "the rows", into(out_), "nowhere");
  }

  std::string problem(const Strings& arguments) {
    return test::message_of<InputError>([&] { return flags_.read(arguments); });
  }

  test::BenchmarkVariables variables_;
  FlagTable flags_{"program FILE...", "Does.", "End.\n"};
  std::string file_, out_;
  bool force_ = false;
};

TEST_F(FlagTableTest, TakeValuesAfterEqualsOrABlankAndDashesForUnderscores) {
  EXPECT_EQ(flags_.read({"a", "--noise-model=x", "b"}), (Strings{"a", "b"}));
  EXPECT_EQ(file_, "x");
  flags_.read({"--noise_model", "y-z"});
  EXPECT_EQ(file_, "y-z");
}

TEST_F(FlagTableTest, TakeSwitchesWithAndWithoutAValue) {
  EXPECT_EQ(flags_.read({"--force", "a"}), Strings{"a"});
  EXPECT_TRUE(force_);
  flags_.read({"--force=false"});
  EXPECT_FALSE(force_);
}

TEST_F(FlagTableTest, TakeAllAfterTwoDashesForNoFlags) {
  EXPECT_EQ(flags_.read({"-", "--", "--force", "-x"}), (Strings{"-", "--force", "-x"}));
  EXPECT_FALSE(force_);
}

TEST_F(FlagTableTest, NameWhatIsWrong) {
  const struct {
    Strings arguments;
    const char* message;
  } cases[] = {
      {{"--froce"}, "unknown flag '--froce' (--help lists all), did you mean '--force'?"},
      {{"--out=x"}, "unknown flag '--out' (--help lists all), did you mean '--benchmark_out'?"},
      {{"-x"}, "unknown flag '-x' (--help lists all)"},
      {{"-=x"}, "unknown flag '-' (--help lists all)"},
      {{"--=x"}, "unknown flag '--' (--help lists all)"},
      {{"--noise_model"}, "--noise_model needs a value: --noise_model=FILE"},
      {{"--noise_model="}, "--noise_model needs a value: --noise_model=FILE"},
      {{"--noise_model", "--force"}, "--noise_model needs a value: --noise_model=FILE"},
      {{"--noise_model=bad"}, "--noise_model: 'bad' is no file"},
      {{"--force=perhaps"}, "--force: 'perhaps' is neither true nor false"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(problem(arguments), message) << ::testing::PrintToString(arguments);
  }
}

TEST_F(FlagTableTest, AnswerHelpAndVersionBeforeAllElse) {
  EXPECT_EQ(flags_.read({"a", "--help", "--froce", "--noise_model=bad"}), Strings{});
  const std::string help = flags_.answer();
  EXPECT_NE(help.find("Does.\n\nUsage: program FILE... [--flag=value ...]\n\nFlags:\n"),
            std::string::npos)
      << help;
  EXPECT_NE(help.find("\n  --noise_model=FILE         a file\n"), std::string::npos) << help;
  EXPECT_NE(help.find("the rows (default: nowhere)\n\nEnd.\n"), std::string::npos) << help;
  flags_.read({"-h"});
  EXPECT_EQ(flags_.answer(), help);
  flags_.read({"--version"});
  EXPECT_TRUE(flags_.answer().starts_with("program "));
  EXPECT_TRUE(flags_.answer().ends_with("), Something 2\n"));
  flags_.read({"a"});
  EXPECT_EQ(flags_.answer(), "");
}

}  // namespace
}  // namespace mhabench::bench
