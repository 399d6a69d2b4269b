#include "support/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace mhabench::test {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close() {
    if (is_open()) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor reader, writer;

  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno, "pipe");
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
  }
};

// What a program is started with: its descriptors, its directory, its signals.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    // A group of its own, so that a timeout ends what the program started, too.
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void use(int target, const Descriptor& source) {
    posix_spawn_file_actions_adddup2(&actions_, source.number(), target);
  }
  void open(int target, const char* path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, target, path, flags, 0);
  }
  void close(int target) { posix_spawn_file_actions_addclose(&actions_, target); }
  void enter(const std::filesystem::path& directory) {
    posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
  }

  pid_t spawn(std::vector<std::string> arguments, std::vector<std::string> environment) const {
    std::vector<char*> argv = pointers(arguments);
    std::vector<char*> envp = pointers(environment);
    pid_t process = 0;
    const int error =
        ::posix_spawnp(&process, argv.front(), &actions_, &attributes_, argv.data(), envp.data());
    if (error != 0) fail(error, "cannot start '" + arguments.front() + "'");
    return process;
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// A process that was started; killed with its group and reaped where nobody waited for it.
class Process {
 public:
  explicit Process(pid_t id) : id_(id) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (id_ == 0) return;
    kill();
    wait();
  }

  void kill() const { ::kill(-id_, SIGKILL); }
  void send(int signal) const { ::kill(id_, signal); }

  int wait() {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status;
  }

 private:
  pid_t id_;
};

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string name(text.substr(0, text.find('=')));
    if (!name.starts_with("BENCHMARK_") && !command.environment.contains(name)) {
      result.emplace_back(text);
    }
  }
  for (const auto& [name, value] : command.environment) result.push_back(name + '=' + value);
  return result;
}

int milliseconds_until(Clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
  return static_cast<int>(std::max(left.count(), std::chrono::milliseconds::rep{0}));
}

// Appends what is there to be read; closes the descriptor at the end.
void take(Descriptor& reader, std::string& text) {
  std::array<char, 1 << 16> buffer;
  const ssize_t count = ::read(reader.number(), buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    reader.close();
  }
}

// Sends the signals of a command as their times come.
class Sender {
 public:
  Sender(const Process& process, const std::vector<SentSignal>& signals)
      : process_(process), signals_(signals) {}

  // Sends what is due; the time of the next one, or `end`.
  Clock::time_point send_due(const std::string& told, Clock::time_point end) {
    while (next_ < signals_.size()) {
      const SentSignal& signal = signals_[next_];
      if (!has_told(signal, told)) return signal.in_file.empty() ? end : Clock::now() + kLook;
      if (!counts_) from_ = Clock::now();
      counts_ = true;
      if (from_ + signal.after > Clock::now()) return std::min(end, from_ + signal.after);
      process_.send(signal.signal);
      ++next_;
      counts_ = false;
    }
    return end;
  }

 private:
  static constexpr std::chrono::milliseconds kLook{5};

  static bool has_told(const SentSignal& signal, const std::string& told) {
    if (signal.in_file.empty()) return told.find(signal.once_told) != std::string::npos;
    std::ifstream file(signal.in_file, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str().find(signal.once_told) != std::string::npos && file;
  }

  const Process& process_;
  const std::vector<SentSignal>& signals_;
  std::size_t next_ = 0;
  Clock::time_point from_{};
  bool counts_ = false;  // since from_
};

// Reads both to their ends; false where time runs out first.
bool take_all(Descriptor& out, Descriptor& err, Clock::time_point end, Sender& sender,
              Outcome& outcome) {
  while (out.is_open() || err.is_open()) {
    const Clock::time_point until = sender.send_due(outcome.err, end);
    // poll() passes over what is closed: a negative descriptor.
    std::array<pollfd, 2> polled{{{out.number(), POLLIN, 0}, {err.number(), POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), milliseconds_until(until));
    if (ready == 0 && Clock::now() >= end) return false;
    if (ready < 0 && errno != EINTR) fail(errno, "poll");
    if (ready <= 0) continue;
    if (polled[0].revents != 0) take(out, outcome.out);
    if (polled[1].revents != 0) take(err, outcome.err);
  }
  return true;
}

// Children inherit both, so that they last over the start of a program alone.
class FileLimit {
 public:
  explicit FileLimit(const std::optional<std::size_t>& bytes) : given_(bytes.has_value()) {
    if (!given_) return;
    getrlimit(RLIMIT_FSIZE, &kept_);
    rlimit limit = kept_;
    limit.rlim_cur = *bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  ~FileLimit() {
    if (!given_) return;
    setrlimit(RLIMIT_FSIZE, &kept_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  bool given_;
  rlimit kept_{};
  void (*handler_)(int) = SIG_DFL;
};

pid_t start(const SpawnPlan& plan, const Command& command) {
  const FileLimit limit(command.file_limit);
  return plan.spawn(command.arguments, environment_of(command));
}

}  // namespace

Outcome run(const Command& command) {
  Pipe out;
  Pipe err;
  SpawnPlan plan;
  plan.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  switch (command.standard_output) {
    case Stdout::captured:
      plan.use(STDOUT_FILENO, out.writer);
      break;
    case Stdout::unread:
      plan.use(STDOUT_FILENO, out.writer);
      out.reader.close();
      break;
    case Stdout::closed:
      plan.close(STDOUT_FILENO);
      break;
    case Stdout::full:
      plan.open(STDOUT_FILENO, "/dev/full", O_WRONLY);
      break;
  }
  plan.use(STDERR_FILENO, err.writer);
  if (!command.directory.empty()) plan.enter(command.directory);

  const Clock::time_point end = Clock::now() + command.timeout;
  Process process(start(plan, command));
  Sender sender(process, command.signals);
  out.writer.close();
  err.writer.close();
  Outcome outcome;
  outcome.timed_out = !take_all(out.reader, err.reader, end, sender, outcome);
  if (outcome.timed_out) process.kill();
  const int status = process.wait();
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

}  // namespace mhabench::test
