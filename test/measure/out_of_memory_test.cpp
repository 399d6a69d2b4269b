#include "mhabench/measure/out_of_memory.h"

#include <gtest/gtest.h>

namespace mhabench {
namespace {

TEST(OutOfMemory, TheBytesAreInTheMessage) {
  EXPECT_EQ(bytes_asked("DefaultCPUAllocator: can't allocate memory: you tried to allocate "
                        "1152921504606846976 bytes. Error code 12 (Cannot allocate memory)"),
            0x1p60);
  EXPECT_EQ(bytes_asked("CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total "
                        "capacity of 139.72 GiB of which 1.00 GiB is free."),
            1.5 * 0x1p30);
  EXPECT_EQ(bytes_asked("Tried to allocate 2.00 MiB."), 0x1p21);
  EXPECT_EQ(bytes_asked("Tried to allocate 0.50 KiB."), 512);
}

TEST(OutOfMemory, OtherMessagesHaveNone) {
  for (const char* const message :
       {"", "lost its way", "tried to allocate ", "tried to allocate much", "tried to allocate 3",
        "tried to allocate 3 parsec", "tried to allocate nan bytes",
        "tried to allocate -1 bytes"}) {
    EXPECT_EQ(bytes_asked(message), std::nullopt) << message;
  }
}

}  // namespace
}  // namespace mhabench
