#include "bench/workers/line_channel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace mhabench::bench {

void LineChannel::send(std::string_view line) {
  std::string text(line);
  text += '\n';
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count =
        ::send(socket_.number(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) throw Failure(errno);
    sent += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
}

std::vector<std::string> LineChannel::arrived() {
  read(false);
  return std::exchange(lines_, {});
}

std::optional<std::string> LineChannel::next() {
  while (lines_.empty() && !ended_) read(true);
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.erase(lines_.begin());
  return line;
}

void LineChannel::read(bool waits) {
  std::array<char, 1 << 16> bytes{};
  int flags = waits ? 0 : MSG_DONTWAIT;
  while (!ended_) {
    const ssize_t count = ::recv(socket_.number(), bytes.data(), bytes.size(), flags);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0 && errno != ECONNRESET) throw Failure(errno);
    ended_ = count <= 0;
    if (ended_) return;
    flags = MSG_DONTWAIT;  // what else is there
    rest_.append(bytes.data(), static_cast<std::size_t>(count));
    std::size_t start = 0;
    for (std::size_t end = 0; (end = rest_.find('\n', start)) != std::string::npos;) {
      lines_.push_back(rest_.substr(start, end - start));
      start = end + 1;
    }
    rest_.erase(0, start);
  }
}

}  // namespace mhabench::bench
