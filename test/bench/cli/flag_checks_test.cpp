#include "bench/cli/flag_checks.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bench/cli/flags.h"
#include "mhabench/base/error.h"
#include "support/environment.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench::bench {
namespace {

using test::message_of;
using test::TempDir;
using test::write_text;
using Arguments = std::vector<std::string>;

class FlagChecks : public ::testing::Test {
 protected:
  static Options parse(const Arguments& arguments) {
    return parse_flags(arguments, {{"slow", "fast"}, ""});
  }

  test::BenchmarkVariables variables_;
};

TEST_F(FlagChecks, NameFlagsThatExcludeEachOther) {
  const struct {
    Arguments arguments;
    const char* message;
  } cases[] = {
      {{"--lengths_file=x", "--batch=16"},
       "--batch and --lengths_file exclude each other: batches and lengths are the file's"},
      {{"--lengths_file=x", "--seq_len=16"},
       "--seq_len and --lengths_file exclude each other: batches and lengths are the file's"},
      {{"--lengths_file=x", "--beta=1"},
       "--beta and --lengths_file exclude each other: batches and lengths are the file's"},
      {{"--lengths_file=x", "--lengths=full"},
       "--lengths and --lengths_file exclude each other: batches and lengths are the file's"},
      {{"--lengths=full", "--beta=1"},
       "--beta and --lengths=full exclude each other: such lengths have no beta"},
      {{"--lengths=uniform", "--beta=1"},
       "--beta and --lengths=uniform exclude each other: such lengths have no beta"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(message_of<InputError>([&] { parse(arguments); }), message)
        << ::testing::PrintToString(arguments);
  }
}

class OutputFlags : public FlagChecks {
 protected:
  std::string outputs_error(const Arguments& arguments) const {
    return message_of<InputError>([&] { check_outputs(parse(arguments)); });
  }
  std::string in_dir(std::string_view name) const { return (dir_ / name).string(); }

  TempDir dir_;
};

TEST_F(OutputFlags, NameFilesThatCanBeWritten) {
  EXPECT_EQ(outputs_error({}), "");
  EXPECT_EQ(outputs_error({"--save_path=" + in_dir("a"), "--error_save_path=" + in_dir("b"),
                           "--benchmark_out=" + in_dir("c"), "--dump_lengths=" + in_dir("d")}),
            "");
  EXPECT_EQ(outputs_error({"--save_path=/dev/null", "--benchmark_out=/dev/null"}), "");
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(OutputFlags, SayWhichFileCannot) {
  const std::string path = in_dir("none/rows");
  for (const std::string flag :
       {"--save_path", "--error_save_path", "--benchmark_out", "--dump_lengths"}) {
    EXPECT_EQ(outputs_error({flag + '=' + path}), flag + ": cannot write '" + path +
                                                      "': the directory '" + in_dir("none") +
                                                      "' does not exist");
  }
}

TEST_F(OutputFlags, NameFilesOfTheirOwn) {
  EXPECT_EQ(outputs_error({"--save_path=" + in_dir("a"), "--benchmark_out=" + in_dir("./a")}),
            "--save_path and --benchmark_out name the same file '" + in_dir("./a") + "'");
  write_text(dir_ / "lengths", "1\n");
  EXPECT_EQ(
      outputs_error({"--lengths_file=" + in_dir("lengths"), "--dump_lengths=" + in_dir("lengths")}),
      "--lengths_file and --dump_lengths name the same file '" + in_dir("lengths") + "'");
}

}  // namespace
}  // namespace mhabench::bench
