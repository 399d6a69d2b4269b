#include "bench/console/progress.h"

#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <optional>
#include <sstream>
#include <stdlib.h>
#include <string>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace mhabench::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWide = 200;

// What was written since the last call.
std::string taken(std::ostringstream& out) {
  std::string text = out.str();
  out.str("");
  return text;
}

TEST(DurationTextTest, CountsMinutesThenHours) {
  EXPECT_EQ(duration_text(0s), "0:00");
  EXPECT_EQ(duration_text(7s), "0:07");
  EXPECT_EQ(duration_text(59s), "0:59");
  EXPECT_EQ(duration_text(60s), "1:00");
  EXPECT_EQ(duration_text(12min + 34s), "12:34");
  EXPECT_EQ(duration_text(59min + 59s), "59:59");
  EXPECT_EQ(duration_text(1h), "1:00:00");
  EXPECT_EQ(duration_text(1h + 2min + 3s), "1:02:03");
  EXPECT_EQ(duration_text(100h), "100:00:00");
}

TEST(ProgressTest, TheLineHasCountRowAndTimeLeft) {
  std::ostringstream out;
  Progress progress(out, kWide, 4);
  progress.start_row("first");
  EXPECT_EQ(progress.line(10s), "[0/4] first");
  progress.end_row();
  progress.start_row("second");
  EXPECT_EQ(progress.line(10s), "[1/4] 0:30 left second");
  progress.end_row();
  progress.end_row();
  progress.start_row("fourth");
  EXPECT_EQ(progress.line(10s), "[3/4] 0:04 left fourth");  // 3.3 s
  progress.end_row();
  EXPECT_EQ(progress.line(10s), "[4/4] 0:00 left ");
}

TEST(ProgressTest, MoreRowsThanWereExpectedStayAtTheEnd) {
  std::ostringstream out;
  Progress progress(out, kWide, 1);
  for (int i = 0; i < 3; ++i) {
    progress.start_row("row");
    progress.end_row();
  }
  EXPECT_EQ(progress.line(10s), "[1/1] 0:00 left ");
}

// The rest of an older line is cleared after the new text: the line never stands empty.
TEST(ProgressTest, OnATerminalTheLineIsWrittenOver) {
  std::ostringstream out;
  Progress progress(out, kWide, 2);
  progress.start_row("first");
  EXPECT_EQ(taken(out), "\r[0/2] first\x1b[K");
}

TEST(ProgressTest, OnATerminalTheLineIsCutBeforeItWraps) {
  std::ostringstream out;
  Progress progress(out, 10, 2);
  progress.start_row("a long name");
  EXPECT_EQ(taken(out), "\r[0/2] a l\x1b[K");
}

TEST(ProgressTest, OnATerminalRowsInQuickSuccessionAreNotAllShown) {
  std::ostringstream out;
  Progress progress(out, kWide, 1000);
  const auto start = std::chrono::steady_clock::now();
  int shown = 0;
  for (int i = 0; i < 1000; ++i) {
    progress.start_row("row");
    progress.end_row();
    if (!taken(out).empty()) ++shown;
  }
  const auto elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_GE(shown, 1);
  EXPECT_LE(shown, 1 + elapsed / 100ms);
}

TEST(ProgressTest, OnATerminalALaterRowIsShown) {
  std::ostringstream out;
  Progress progress(out, kWide, 2);
  progress.start_row("first");
  progress.end_row();
  taken(out);
  std::this_thread::sleep_for(110ms);
  progress.start_row("second");
  const std::string text = taken(out);
  EXPECT_TRUE(text.starts_with("\r[1/2] 0:") && text.ends_with(" left second\x1b[K")) << text;
}

TEST(ProgressTest, ClearRemovesTheLineOnce) {
  std::ostringstream out;
  Progress progress(out, kWide, 2);
  progress.clear();
  EXPECT_EQ(taken(out), "");
  progress.start_row("first");
  taken(out);
  progress.clear();
  EXPECT_EQ(taken(out), "\r\x1b[K");
  progress.clear();
  EXPECT_EQ(taken(out), "");
}

TEST(ProgressTest, ElsewhereALineIsWrittenNowAndThen) {
  std::ostringstream out;
  Progress progress(out, std::nullopt, 3);
  progress.start_row("first");
  EXPECT_EQ(taken(out), "[0/3] first\n");
  progress.end_row();
  progress.start_row("second");
  std::this_thread::sleep_for(110ms);
  progress.end_row();
  progress.start_row("third");
  EXPECT_EQ(taken(out), "");
}

TEST(ProgressTest, ElsewhereNothingIsCutAndNothingCleared) {
  std::ostringstream out;
  Progress progress(out, std::nullopt, 1);
  const std::string name(500, 'x');
  progress.start_row(name);
  EXPECT_EQ(taken(out), "[0/1] " + name + "\n");
  progress.clear();
  EXPECT_EQ(taken(out), "");
}

TEST(TerminalWidthTest, AFileHasNone) {
  const int descriptor = ::open("/dev/null", O_WRONLY);
  EXPECT_EQ(terminal_width(descriptor), std::nullopt);
  ::close(descriptor);
}

TEST(TerminalWidthTest, ATerminalTellsItsColumns) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0) GTEST_SKIP() << "no terminal can be made here";
  winsize size{};
  size.ws_col = 132;
  ASSERT_EQ(::ioctl(terminal, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(terminal_width(terminal), 132U);
  size.ws_col = 0;  // as serial consoles say
  ASSERT_EQ(::ioctl(terminal, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(terminal_width(terminal), 80U);
  ::close(terminal);
}

}  // namespace
}  // namespace mhabench::bench
