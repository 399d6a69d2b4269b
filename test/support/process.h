#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mhabench::test {

/// What stands behind a program's stdout.
enum class Stdout {
  captured,
  closed,  ///< no descriptor at all, as after `>&-`
  unread,  ///< a pipe whose reader has gone
  full,    ///< a disk without space
};

/// A signal to send to a program, unless it has ended by then.
struct SentSignal {
  std::chrono::milliseconds after;
  int signal;
  /// Sent only once its stderr, or that file, holds this text; `after` is counted from then.
  std::string once_told = {};
  std::filesystem::path in_file = {};
};

/// A program to run: on an empty stdin, with SIGPIPE at its default.
struct Command {
  std::vector<std::string> arguments;  ///< the program first, looked up in PATH
  /// Added to this process's environment, of which BENCHMARK_* variables are left out.
  std::map<std::string, std::string> environment = {};
  std::filesystem::path directory = {};  ///< to run in; empty: this process's
  Stdout standard_output = Stdout::captured;
  std::chrono::seconds timeout = std::chrono::seconds(120);
  std::vector<SentSignal> signals = {};  ///< one after the other, to the program alone
  /// No file of the program's can grow beyond this (RLIMIT_FSIZE); a write fails instead.
  std::optional<std::size_t> file_limit = {};
};

/// How a program ended and what it printed.
struct Outcome {
  std::optional<int> status;  ///< absent where a signal ended it
  std::optional<int> signal;
  bool timed_out = false;  ///< it ran past its time and was killed
  std::string out, err;
};

/// Runs the command to its end. Output of any size is taken as it comes. What the program leaves
/// running is killed where it holds on to the output until the timeout. Throws std::system_error
/// where the program cannot be started.
Outcome run(const Command& command);

}  // namespace mhabench::test
