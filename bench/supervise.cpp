#include "bench/supervise.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "mhabench/config/error.h"
#include "mhabench/results/journal.h"
#include "mhabench/results/output_file.h"

namespace mhabench::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr const char* kChildVariable = "MHABENCH_SUPERVISED_CHILD";
constexpr const char* kDeathVariable = "MHABENCH_SUPERVISED_DEATH";
constexpr int kFailed = 1;
constexpr int kSignalStatus = 128;
// Before its first row a child loads LibTorch and makes a context, after its last it writes files.
constexpr Seconds kOutsideRows{300};
constexpr Seconds kBetweenLooks{0.5};

void tell(const std::string& line) { std::cerr << "mha_bench: " << line << '\n'; }

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), seconds);
  return {text.data(), end};
}

std::string death_text(int status) {
  if (!WIFSIGNALED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  const std::string text =
      "killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ')';
  return signal == SIGKILL ? text + ", as the kernel does where memory runs out" : text;
}

// The signals that are waited for, not handled; children get the mask from before.
class WaitedSignals {
 public:
  WaitedSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&set_, signal);
    sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  WaitedSignals(const WaitedSignals&) = delete;
  WaitedSignals& operator=(const WaitedSignals&) = delete;
  ~WaitedSignals() { restore(); }

  void restore() const { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  // 0 where none came in time.
  int wait(Seconds time) const {
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    constexpr std::int64_t kSecond = 1'000'000'000;
    const timespec limit{nanoseconds / kSecond, nanoseconds % kSecond};
    const int signal = sigtimedwait(&set_, nullptr, &limit);
    return std::max(signal, 0);
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

// How far the child is, from the journal that it writes.
class JournalWatch {
 public:
  explicit JournalWatch(std::filesystem::path path) : path_(std::move(path)) {}

  bool has_grown() {
    std::error_code none;
    const std::uintmax_t size = std::filesystem::file_size(path_, none);
    return std::exchange(size_, none ? 0 : size) != size_;
  }

  bool is_within_a_row() const {
    std::ifstream in(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    try {
      return parse_journal(text, path_).begun.has_value();
    } catch (const InputError&) {
      return false;
    }
  }

 private:
  std::filesystem::path path_;
  std::uintmax_t size_ = 0;
};

class Supervisor {
 public:
  Supervisor(const Options& options, const std::vector<std::string>& arguments,
             const std::filesystem::path& journal)
      : row_timeout_(options.row_timeout_s.value_or(kDefaultRowTimeoutS)),
        arguments_(arguments),
        watch_(journal) {}

  int run() {
    int deaths_outside = 0;
    for (child_ = 1;; ++child_) {
      const int status = run_child();
      const bool replace = WIFSIGNALED(status) || WEXITSTATUS(status) == kReplaceMe;
      if (!replace) return WEXITSTATUS(status);
      if (passed_on_ != 0) return kSignalStatus + passed_on_;
      death_ = too_slow_ ? "made no progress for " + seconds_text(row_timeout_.count()) + " s"
                         : death_text(status);
      const bool within = watch_.is_within_a_row();
      const bool recorded = WIFEXITED(status);
      deaths_outside = within || recorded ? 0 : deaths_outside + 1;
      if (deaths_outside == 2) {
        tell("two processes in turn ended outside of a row, the last one: " + *death_);
        return kFailed;
      }
      if (!recorded)
        tell("the process that ran the rows was lost: " + *death_ + "; the next one goes on");
      if (!within) death_.reset();
    }
  }

 private:
  [[noreturn]] void become_child() const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);  // what a terminal sends comes to the supervisor, which passes it on
    ::setenv(kChildVariable, std::to_string(child_).c_str(), 1);
    ::unsetenv(kDeathVariable);
    if (death_) ::setenv(kDeathVariable, death_->c_str(), 1);
    signals_.restore();
    std::vector<std::string> texts{"mha_bench"};
    texts.insert(texts.end(), arguments_.begin(), arguments_.end());
    std::vector<char*> argv;
    for (std::string& text : texts) argv.push_back(text.data());
    argv.push_back(nullptr);
    ::execv("/proc/self/exe", argv.data());
    std::cerr << "mha_bench: cannot start itself: " << std::strerror(errno) << '\n';
    ::_exit(kFailed);
  }

  // How it ended, as waitpid() says it.
  int run_child() {
    const pid_t process = ::fork();
    if (process < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (process == 0) become_child();
    too_slow_ = false;
    Clock::time_point last = Clock::now();
    Clock::time_point next_look = last;
    while (true) {
      const int signal = signals_.wait(kBetweenLooks);
      int status = 0;
      if (::waitpid(process, &status, WNOHANG) == process) return status;
      if (signal == SIGINT || signal == SIGTERM) {
        passed_on_ = signal;
        ::kill(process, signal);
      }
      const Clock::time_point now = Clock::now();
      if (watch_.has_grown()) last = now;
      if (now - last <= row_timeout_ || now < next_look) continue;
      next_look = now + std::chrono::seconds(1);
      if (!watch_.is_within_a_row() && now - last <= std::max(row_timeout_, kOutsideRows)) continue;
      too_slow_ = true;
      ::kill(-process, SIGKILL);
    }
  }

  Seconds row_timeout_;
  const std::vector<std::string>& arguments_;
  JournalWatch watch_;
  WaitedSignals signals_;
  int child_ = 0;
  int passed_on_ = 0;  // a signal
  bool too_slow_ = false;
  std::optional<std::string> death_;
};

}  // namespace

Supervision supervision() {
  Supervision found;
  if (const char* const child = std::getenv(kChildVariable)) found.child = std::atoi(child);
  if (const char* const death = std::getenv(kDeathVariable)) found.death = death;
  return found;
}

int supervise(const Options& options, const std::vector<std::string>& arguments) {
  const auto file = replaced_file(options.benchmark.out);
  if (!file) {
    throw InputError("--supervise: '" + options.benchmark.out +
                     "' is no regular file, and has no journal");
  }
  return Supervisor(options, arguments, Journal::path_of(*file)).run();
}

}  // namespace mhabench::bench
