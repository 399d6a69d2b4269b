#include "bench/console/progress.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mhabench::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kTerminalInterval = 100ms;
constexpr auto kLineInterval = 30s;
constexpr std::size_t kUsualWidth = 80;

}  // namespace

std::string duration_text(std::chrono::seconds duration) {
  const auto two_digits = [](std::int64_t value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  const std::int64_t seconds = duration.count();
  const std::int64_t minutes = seconds / 60;
  const std::string end = ':' + two_digits(seconds % 60);
  if (minutes < 60) return std::to_string(minutes) + end;
  return std::to_string(minutes / 60) + ':' + two_digits(minutes % 60) + end;
}

Progress::Progress(std::ostream& out, std::optional<std::size_t> width, std::size_t rows)
    : out_(out), width_(width), rows_(rows) {}

void Progress::start_row(const std::string& name) {
  name_ = name;
  show();
}

void Progress::end_row() {
  done_ = std::min(done_ + 1, rows_);
  if (done_ == rows_) name_.clear();
}

void Progress::clear() {
  if (!visible_) return;
  out_ << "\r\x1b[K" << std::flush;
  visible_ = false;
}

std::string Progress::line(Clock::duration elapsed) const {
  std::string text = "[" + std::to_string(done_) + '/' + std::to_string(rows_) + "] ";
  if (done_ > 0) {
    const auto left = elapsed * static_cast<double>(rows_ - done_) / static_cast<double>(done_);
    text += duration_text(std::chrono::ceil<std::chrono::seconds>(left)) + " left ";
  }
  return text + name_;
}

void Progress::show() {
  const Clock::time_point now = Clock::now();
  const auto interval =
      width_ ? Clock::duration(kTerminalInterval) : Clock::duration(kLineInterval);
  if (shown_ && now - *shown_ < interval) return;
  shown_ = now;
  std::string text = line(now - start_);
  if (width_) {
    // A line that wraps could not be written over. The rest is cleared after the text, not before
    // it, so that nothing flickers.
    text.resize(std::min(text.size(), *width_ - 1));
    out_ << '\r' << text << "\x1b[K" << std::flush;
    visible_ = true;
  } else {
    out_ << text << std::endl;
  }
}

std::optional<std::size_t> terminal_width(int descriptor) {
  if (isatty(descriptor) == 0) return std::nullopt;
  winsize size{};
  const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : kUsualWidth;
}

}  // namespace mhabench::bench
