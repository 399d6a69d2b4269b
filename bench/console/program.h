#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mhabench::bench {

/// Exit statuses, the same for every program; after a signal it is kSignalStatus and its number.
enum Status {
  kCorrect = 0,
  kWrong = 1,  ///< some row is wrong, failed or was lost; for a gate: worse
  kUsage = 2,  ///< the command line or an input is at fault
  kNothingMatched = 3,
  kUndecided = 4,
  kFailed = 5,  ///< the program itself failed: a child, a disk, an uncaught exception
  kSignalStatus = 128
};

/// What main() was given, without the program's name.
std::vector<std::string> arguments_of(int argc, char** argv);

/// What the programs' main() have in common: standard streams are secured, `body` gives the exit
/// status, and what goes wrong is a line "<name>: <what>" on stderr. An InputError ends with
/// kUsage; whatever else is thrown with kFailed, and so does a body whose output did not all reach
/// stdout, unless a signal ended it (above kSignalStatus) or rows are wrong.
int run_program(std::string_view name, const std::function<int()>& body);

}  // namespace mhabench::bench
