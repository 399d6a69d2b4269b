#include "bench/workers/line_channel.h"

#include <array>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench::bench {
namespace {

class LineChannelTest : public ::testing::Test {
 protected:
  LineChannelTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0); }

  int ends_[2]{};
};

TEST_F(LineChannelTest, TakesLinesAsTheyArrive) {
  LineChannel here{Descriptor(ends_[0])};
  LineChannel there{Descriptor(ends_[1])};
  EXPECT_TRUE(there.arrived().empty()) << "it does not wait";
  here.send("one");
  here.send("");
  EXPECT_EQ(there.arrived(), (std::vector<std::string>{"one", ""}));
  EXPECT_FALSE(there.is_over());
  there.send("back");
  EXPECT_EQ(here.next(), "back");
}

TEST_F(LineChannelTest, ALineIsWholeOrNotThereYet) {
  LineChannel there{Descriptor(ends_[1])};
  ASSERT_EQ(::send(ends_[0], "a lo", 4, 0), 4);
  EXPECT_TRUE(there.arrived().empty());
  ASSERT_EQ(::send(ends_[0], "ng\nand", 6, 0), 6);
  EXPECT_EQ(there.arrived(), std::vector<std::string>{"a long"});
  ::close(ends_[0]);
  EXPECT_EQ(there.next(), std::nullopt) << "a line that was cut off is none";
  EXPECT_TRUE(there.is_over());
}

TEST_F(LineChannelTest, WhatWasSentBeforeTheEndIsTaken) {
  LineChannel there{Descriptor(ends_[1])};
  { LineChannel(Descriptor(ends_[0])).send("last words"); }
  EXPECT_EQ(there.next(), "last words");
  EXPECT_EQ(there.next(), std::nullopt);
}

TEST_F(LineChannelTest, ALineMayBeLongerThanWhatASocketHolds) {
  const std::string line(8 << 20, 'x');
  LineChannel there{Descriptor(ends_[1])};
  std::thread sender([&] { LineChannel(Descriptor(ends_[0])).send(line); });
  EXPECT_EQ(there.next(), line);
  sender.join();
}

TEST_F(LineChannelTest, SendingToNobodyFailsAndRaisesNoSignal) {
  LineChannel here{Descriptor(ends_[0])};
  ::close(ends_[1]);
  EXPECT_THROW(here.send("anybody there?"), Failure);
}

}  // namespace
}  // namespace mhabench::bench
