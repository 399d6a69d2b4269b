#include "bench/console/signals.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <unistd.h>

#include "bench/console/program.h"

namespace mhabench::bench {
namespace {

std::atomic<int> received{0};
std::atomic<int> rows_in_flight{0};
std::atomic<bool> has_unkept_rows{false};
static_assert(std::atomic<int>::is_always_lock_free, "set by a signal handler");

constexpr unsigned kGraceSeconds = 1;

void write_line(std::string_view line) {
  const int kept = errno;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  errno = kept;
}

extern "C" void note(int signal) {
  constexpr std::string_view kLine =
      "\nmha_bench: ending after the row in flight; once more ends at once\n";
  if (received.exchange(signal) != 0) _exit(kSignalStatus + signal);
  write_line(kLine);
  ::alarm(kGraceSeconds);
}

extern "C" void give_up(int) {
  if (rows_in_flight == 0 || has_unkept_rows) return;
  write_line(
      "mha_bench: ended within the row in flight; --resume goes on with what a journal keeps\n");
  _exit(kSignalStatus + received);
}

void watch(int signal, void (*handler)(int)) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_give_up() { watch(SIGALRM, give_up); }

void watch_signals() {
  watch_give_up();
  watch(SIGINT, note);
  watch(SIGTERM, note);
}

RowInFlight::RowInFlight() {
  ++rows_in_flight;
  if (received != 0) ::alarm(kGraceSeconds);  // the first one was over before
}

RowInFlight::~RowInFlight() { --rows_in_flight; }

void note_unkept_row() { has_unkept_rows = true; }

int signal_received() { return received; }

const char* signal_name(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

}  // namespace mhabench::bench
