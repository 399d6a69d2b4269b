#include "support/process.h"

#include <csignal>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "support/environment.h"
#include "support/temp_dir.h"

namespace mhabench::test {
namespace {

Command shell(const std::string& script) {
  Command command;
  command.arguments = {"sh", "-c", script};
  return command;
}

TEST(Process, TakesBothStreamsAndTheStatus) {
  const Outcome outcome = run(shell("echo out; echo err >&2; exit 7"));
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.signal, std::nullopt);
  EXPECT_FALSE(outcome.timed_out);
}

TEST(Process, TellsTheSignalThatEndedIt) {
  const Outcome outcome = run(shell("kill -s TERM $$"));
  EXPECT_EQ(outcome.status, std::nullopt);
  EXPECT_EQ(outcome.signal, SIGTERM);
}

TEST(Process, TakesMoreThanAPipeHoldsFromEither) {
  const Outcome outcome = run(shell("head -c 500000 /dev/zero >&2; head -c 500000 /dev/zero"));
  EXPECT_EQ(outcome.out.size(), 500000u);
  EXPECT_EQ(outcome.err.size(), 500000u);
}

TEST(Process, RunsOnAnEmptyStdinInItsDirectoryAndEnvironment) {
  const TempDir dir;
  BenchmarkVariables variables;
  variables.set("BENCHMARK_FORMAT", "json");
  Command command = shell("cat; touch here; echo $GREETING $BENCHMARK_FORMAT $BENCHMARK_OUT");
  command.directory = dir.path();
  command.environment = {{"GREETING", "hello"}, {"BENCHMARK_OUT", "file"}};
  EXPECT_EQ(run(command).out, "hello file\n");
  EXPECT_EQ(names_in(dir.path()), (std::vector<std::string>{"here"}));
}

TEST(Process, KillsWhatRunsPastItsTime) {
  Command command = shell("echo started; sleep 300 & sleep 300");
  command.timeout = std::chrono::seconds(1);
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.out, "started\n");
  EXPECT_EQ(outcome.signal, SIGKILL);
}

TEST(Process, OffersEachKindOfStdout) {
  Command command = shell("place=$(readlink /proc/$$/fd/1); echo \"$place\" >&2");
  command.standard_output = Stdout::full;
  EXPECT_EQ(run(command).err, "/dev/full\n");
  command = shell("[ -e /proc/$$/fd/1 ] || echo none >&2");
  EXPECT_EQ(run(command).err, "");
  command.standard_output = Stdout::closed;
  EXPECT_EQ(run(command).err, "none\n");
  // As in a shell of one's own, a program that writes on ends by the signal.
  command = shell("echo text");
  command.standard_output = Stdout::unread;
  EXPECT_EQ(run(command).signal, SIGPIPE);
}

TEST(Process, ThrowsWhereThereIsNoSuchProgram) {
  Command command;
  command.arguments = {"there-is-no-such-program"};
  EXPECT_THROW(run(command), std::system_error);
}

}  // namespace
}  // namespace mhabench::test
