#pragma once

#include <exception>
#include <string>
#include <utility>

namespace mhabench::test {

/// What the Exception thrown by `act` says; "" where nothing is thrown. Other exceptions pass.
template <typename Exception, typename Act>
std::string message_of(Act&& act) {
  try {
    static_cast<void>(std::forward<Act>(act)());
  } catch (const Exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace mhabench::test
