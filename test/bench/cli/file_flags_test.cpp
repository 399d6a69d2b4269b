#include "bench/cli/file_flags.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench::bench {
namespace {

using Strings = std::vector<std::string>;

class FileFlagsTest : public ::testing::Test {
 protected:
  FileFlagsTest() {
    flags_.add_value("--noise_model", "FILE", "a file", [this](const std::string& value) {
      if (value == "bad") throw InputError("'bad' is no file");
      values_.push_back(value);
    });
    flags_.add_switch("--force", "insist", force_);
  }

  std::string problem(const Strings& arguments) {
    return test::message_of<InputError>([&] { return flags_.read(arguments); });
  }

  FileFlags flags_{"program FILE...", "Does.", "End.\n"};
  Strings values_;
  bool force_ = false;
};

TEST_F(FileFlagsTest, TakeValuesAfterEqualsOrABlankAndDashesForUnderscores) {
  EXPECT_EQ(flags_.read({"a", "--noise-model=x", "--noise_model", "y", "b"}), (Strings{"a", "b"}));
  EXPECT_EQ(values_, (Strings{"x", "y"}));
}

TEST_F(FileFlagsTest, TakeSwitchesWithAndWithoutAValue) {
  EXPECT_EQ(flags_.read({"--force", "a"}), Strings{"a"});
  EXPECT_TRUE(force_);
  flags_.read({"--force=false"});
  EXPECT_FALSE(force_);
}

TEST_F(FileFlagsTest, TakeAllAfterTwoDashesForFiles) {
  EXPECT_EQ(flags_.read({"--", "--force", "-x"}), (Strings{"--force", "-x"}));
  EXPECT_FALSE(force_);
}

TEST_F(FileFlagsTest, NameWhatIsWrong) {
  EXPECT_EQ(problem({"--froce"}),
            "unknown flag '--froce' (--help lists all), did you mean '--force'?");
  EXPECT_EQ(problem({"-x"}), "unknown flag '-x' (--help lists all)");
  EXPECT_EQ(problem({"--noise_model"}), "--noise_model needs a value: --noise_model=FILE");
  EXPECT_EQ(problem({"--noise_model="}), "--noise_model needs a value: --noise_model=FILE");
  EXPECT_EQ(problem({"--noise_model", "--force"}),
            "--noise_model needs a value: --noise_model=FILE");
  EXPECT_EQ(problem({"--noise_model=bad"}), "--noise_model: 'bad' is no file");
  EXPECT_EQ(problem({"--force=perhaps"}), "--force: 'perhaps' is neither true nor false");
}

TEST_F(FileFlagsTest, ListThemselvesInHelp) {
  const std::string help = flags_.help();
  EXPECT_NE(help.find("Usage: program FILE... [--flag=value ...]\n"), std::string::npos) << help;
  EXPECT_NE(help.find("--noise_model=FILE"), std::string::npos);
}

TEST(FileList, SplitsAtCommasUnlessThereIsSuchAFile) {
  EXPECT_EQ(file_list("a.json,b.json"), (Strings{"a.json", "b.json"}));
  const test::TempDir dir;
  const std::string name = (dir / "a,b.json").string();
  EXPECT_EQ(file_list(name).size(), 2u);
  test::write_text(name, "x");
  EXPECT_EQ(file_list(name), Strings{name});
  EXPECT_EQ(test::message_of<InputError>([] { return file_list("a,,b"); }),
            "'a,,b' has an empty name between its commas");
}

}  // namespace
}  // namespace mhabench::bench
