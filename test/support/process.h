#pragma once

#include <chrono>
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

/// A program to run: on an empty stdin, with SIGPIPE at its default.
struct Command {
  std::vector<std::string> arguments;  ///< the program first, looked up in PATH
  /// Added to this process's environment, of which BENCHMARK_* variables are left out.
  std::map<std::string, std::string> environment = {};
  std::filesystem::path directory = {};  ///< to run in; empty: this process's
  Stdout standard_output = Stdout::captured;
  std::chrono::seconds timeout = std::chrono::seconds(120);
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
