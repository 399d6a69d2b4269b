#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mhabench::bench {

/// What main() was given, without the program's name.
std::vector<std::string> arguments_of(int argc, char** argv);

/// What the programs' main() have in common: standard streams are secured, `body` gives the exit
/// status, and what goes wrong is a line "<name>: <what>" on stderr. An InputError ends with 2;
/// another exception with `failed`, and so does a body whose output did not all reach stdout,
/// unless a signal ended it (above 128).
int run_program(std::string_view name, const std::function<int()>& body, int failed = 1);

}  // namespace mhabench::bench
