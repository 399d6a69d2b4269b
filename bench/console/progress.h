#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

namespace mhabench::bench {

/// "0:07", "12:34", "1:02:03".
std::string duration_text(std::chrono::seconds duration);

/// How far a run is: rows done, the row under way, the time left. On a terminal one line that is
/// written over in place, at most ten times a second; elsewhere a line every half minute.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// `width` is the terminal's, in columns; absent where `out` is no terminal.
  Progress(std::ostream& out, std::optional<std::size_t> width, std::size_t rows);

  void start_row(const std::string& name);
  void end_row();

  /// Removes the line from a terminal, so that something else can be printed.
  void clear();

  /// The line for a moment `elapsed` after the start; for tests and for printing.
  std::string line(Clock::duration elapsed) const;

 private:
  void show();

  std::ostream& out_;
  std::optional<std::size_t> width_;
  std::size_t rows_;
  std::size_t done_ = 0;
  std::string name_;
  Clock::time_point start_ = Clock::now();
  std::optional<Clock::time_point> shown_;
  bool visible_ = false;
};

/// Columns of the terminal behind a file descriptor; absent where it is none.
std::optional<std::size_t> terminal_width(int descriptor);

}  // namespace mhabench::bench
