#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mhabench/base/descriptor.h"

namespace mhabench::bench {

/// Lines of text to and from another process, over one end of a stream socket. Members throw
/// Failure where the socket fails; that the other end is gone is no failure of reading.
class LineChannel {
 public:
  explicit LineChannel(Descriptor socket) : socket_(std::move(socket)) {}

  int descriptor() const { return socket_.number(); }

  /// Sends a line, which holds no newline, and waits while the other end takes none.
  void send(std::string_view line);

  /// The whole lines that have arrived; does not wait.
  std::vector<std::string> arrived();

  /// Waits for the next line; absent where the other end is gone without one.
  std::optional<std::string> next();

  /// Whether the other end is gone and all it sent was taken.
  bool is_over() const { return ended_ && lines_.empty(); }

 private:
  void read(bool waits);

  Descriptor socket_;
  std::string rest_;  // of a line that has not arrived whole
  std::vector<std::string> lines_;
  bool ended_ = false;
};

}  // namespace mhabench::bench
