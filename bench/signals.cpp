#include "bench/signals.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <unistd.h>

namespace mhabench::bench {
namespace {

constexpr int kSignalStatus = 128;

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "set by a signal handler");

extern "C" void note(int signal) {
  constexpr std::string_view kLine =
      "\nmha_bench: ending after the row in flight; once more ends at once\n";
  if (received.exchange(signal) != 0) _exit(kSignalStatus + signal);
  const int kept = errno;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  errno = kept;
}

void watch(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_signals() {
  watch(SIGINT);
  watch(SIGTERM);
}

int signal_received() { return received; }

const char* signal_name(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

}  // namespace mhabench::bench
