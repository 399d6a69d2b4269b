#pragma once

#include <stdexcept>

namespace mhabench {

/// The command line or an input file is at fault, before anything ran. what() is one line that says
/// what is wrong, where, and what is allowed; programs print it and end with status 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace mhabench
