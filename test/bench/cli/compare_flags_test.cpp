#include "bench/cli/compare_flags.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench::bench {
namespace {

using Strings = std::vector<std::string>;

std::string problem(const Strings& arguments) {
  return test::message_of<InputError>([&] { return parse_compare_flags(arguments); });
}

TEST(CompareFlags, TakeTwoFilesWithDefaults) {
  const CompareOptions options = parse_compare_flags({"a.json", "b.json"});
  EXPECT_EQ(options.base, Strings{"a.json"});
  EXPECT_EQ(options.next, Strings{"b.json"});
  EXPECT_EQ(options.settings.threshold, 0.02);
  EXPECT_EQ(options.settings.clocks, (std::vector{Clock::busy, Clock::event}));
  EXPECT_FALSE(options.settings.force);
  EXPECT_EQ(options.format, CompareFormat::table);
}

TEST(CompareFlags, TakeSeveralRunsOfASide) {
  const CompareOptions lists = parse_compare_flags({"a,b", "c,d,e"});
  EXPECT_EQ(lists.base, (Strings{"a", "b"}));
  EXPECT_EQ(lists.next, (Strings{"c", "d", "e"}));
  const CompareOptions flags = parse_compare_flags({"--base=a", "--base=b", "--new=c,d"});
  EXPECT_EQ(flags.base, (Strings{"a", "b"}));
  EXPECT_EQ(flags.next, (Strings{"c", "d"}));
}

TEST(CompareFlags, TakeSettings) {
  const CompareOptions options = parse_compare_flags(
      {"a", "b", "--threshold=0.05", "--clock=busy", "--format=github", "--force", "--all"});
  EXPECT_EQ(options.settings.threshold, 0.05);
  EXPECT_EQ(options.settings.clocks, std::vector{Clock::busy});
  EXPECT_EQ(options.format, CompareFormat::github);
  EXPECT_TRUE(options.settings.force);
  EXPECT_TRUE(options.all);
}

TEST(CompareFlags, TakeRunsOfOneBuildToCalibrate) {
  const CompareOptions options = parse_compare_flags({"--calibrate=n.json", "a", "b", "c"});
  EXPECT_EQ(options.calibrate, "n.json");
  EXPECT_EQ(options.same_build, (Strings{"a", "b", "c"}));
}

TEST(CompareFlags, NameWhatIsWrong) {
  EXPECT_EQ(problem({}), "needs two files, BASE and NEW (--help shows how to give several runs)");
  EXPECT_EQ(problem({"a"}), problem({}));
  EXPECT_EQ(problem({"a", "b", "c"}),
            "unexpected argument 'c' after BASE and NEW (several runs of a side stand between "
            "commas)");
  EXPECT_EQ(problem({"--base=a"}), "--base needs a --new beside it");
  EXPECT_EQ(problem({"--new=a"}), "--new needs a --base beside it");
  EXPECT_EQ(problem({"--base=a", "--new=b", "c"}),
            "unexpected argument 'c' beside --base and --new");
  EXPECT_EQ(problem({"a", "b", "--threshold=0.02s"}),
            "--threshold: '0.02s' is no share above 0 and below 1 (such as 0.02)");
  EXPECT_EQ(problem({"a", "b", "--threshold=2"}),
            "--threshold: '2' is no share above 0 and below 1 (such as 0.02)");
  EXPECT_EQ(problem({"a", "b", "--clock=cpu"}),
            "--clock: unknown clock 'cpu' (allowed: busy, event, both)");
  EXPECT_EQ(problem({"a", "b", "--format=jsn"}),
            "--format: unknown format 'jsn' (allowed: table, json, markdown, github), did you mean "
            "'json'?");
  EXPECT_EQ(problem({"--calibrate=n", "a"}),
            "--calibrate needs 2 files or more, of runs of one build");
  EXPECT_EQ(problem({"--calibrate=n", "a", "b", "--base=c"}),
            "--calibrate takes runs of one build, and neither --base nor --new");
  EXPECT_EQ(problem({"--calibrate=n", "a", "b", "--noise_model=c"}),
            "--calibrate and --noise_model exclude each other: one writes what the other reads");
}

TEST(CompareFlags, AnswerHelpBeforeAllElse) {
  for (const char* flag : {"--help", "-h"}) {
    EXPECT_NE(parse_compare_flags({flag}).answer.find("Exit status: 0 nothing worse"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace mhabench::bench
