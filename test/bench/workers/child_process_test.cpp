#include "bench/workers/child_process.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

/// start_worker() runs this very program again; how that goes is tested in mha_bench itself
/// (program_faults_test, program_devices_test).
namespace mhabench::bench {
namespace {

TEST(ChildProcessTest, AProcessThatAUserStartedHasNoPlace) {
  EXPECT_EQ(::getenv("MHABENCH_WORKER"), nullptr);
  EXPECT_FALSE(worker_place());
}

TEST(ChildProcessTest, AWorkerReadsItsPlaceOnceAndPassesItToNobody) {
  const int channel = ::open("/dev/null", O_RDWR);
  ::setenv("MHABENCH_WORKER", (std::to_string(channel) + ",cuda:1").c_str(), 1);
  const auto place = worker_place();
  ASSERT_TRUE(place);
  EXPECT_EQ(place->channel, channel);
  EXPECT_EQ(place->device, "cuda:1");
  EXPECT_NE(::fcntl(channel, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_FALSE(worker_place());
  ::close(channel);
}

TEST(ChildProcessTest, SaysHowAProcessEnded) {
  EXPECT_EQ(death_text(3 << 8), "ended with status 3");
  EXPECT_EQ(death_text(SIGSEGV), "killed by signal 11 (Segmentation fault)");
  EXPECT_EQ(death_text(SIGKILL),
            "killed by signal 9 (Killed), as the kernel does where memory runs out");
}

}  // namespace
}  // namespace mhabench::bench
