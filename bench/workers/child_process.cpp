#include "bench/workers/child_process.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace mhabench::bench {
namespace {

// "3,cuda:0": the descriptor of the channel, and the device.
constexpr const char* kVariable = "MHABENCH_WORKER";
constexpr int kCannotStart = 127;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::string& variable) {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) texts.emplace_back(*entry);
  texts.push_back(variable);
  return texts;
}

// In the child, where nothing may be called that takes a lock or memory.
[[noreturn]] void become_worker(pid_t parent, int channel, char* const* argv, char* const* envp) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotStart);  // it was gone before that held
  ::setpgid(0, 0);
  ::fcntl(channel, F_SETFD, 0);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::execve("/proc/self/exe", argv, envp);
  constexpr std::string_view kLine = "mha_bench: cannot start itself\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  ::_exit(kCannotStart);
}

}  // namespace

std::optional<WorkerPlace> worker_place() {
  const char* const found = std::getenv(kVariable);
  if (found == nullptr) return std::nullopt;
  const std::string_view text = found;
  const std::size_t comma = text.find(',');
  WorkerPlace place{-1, {}};
  std::from_chars(text.data(), text.data() + text.size(), place.channel);
  if (comma != std::string_view::npos) place.device = text.substr(comma + 1);
  ::unsetenv(kVariable);
  ::fcntl(place.channel, F_SETFD, FD_CLOEXEC);
  return place;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : channel(std::move(other.channel)), process_(std::exchange(other.process_, 0)) {}

ChildProcess::~ChildProcess() {
  if (process_ == 0) return;
  kill();
  wait();
}

void ChildProcess::kill() const {
  if (process_ != 0) ::kill(-process_, SIGKILL);
  if (process_ != 0) ::kill(process_, SIGKILL);  // before it has made its group
}

void ChildProcess::give_up() const {
  if (process_ != 0) ::kill(process_, SIGALRM);
}

int ChildProcess::wait() {
  int status = 0;
  while (process_ != 0 && ::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
  process_ = 0;
  return status;
}

ChildProcess start_worker(const std::vector<std::string>& arguments, const std::string& device) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw Failure(errno);
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  std::vector<std::string> texts{"mha_bench"};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_with(
      std::string(kVariable) + '=' + std::to_string(theirs.number()) + ',' + device);
  const std::vector<char*> argv = pointers_to(texts);
  const std::vector<char*> envp = pointers_to(variables);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) throw Failure(errno);
  if (process == 0) become_worker(parent, theirs.number(), argv.data(), envp.data());
  return {process, std::move(ours)};
}

std::string death_text(int status) {
  if (!WIFSIGNALED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  const std::string text =
      "killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ')';
  return signal == SIGKILL ? text + ", as the kernel does where memory runs out" : text;
}

}  // namespace mhabench::bench
