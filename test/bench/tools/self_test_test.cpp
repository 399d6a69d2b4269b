#include "bench/tools/self_test.h"

#include <gtest/gtest.h>

#include "support/devices.h"

namespace mhabench::bench {
namespace {

using Outcome = Proof::Outcome;

class SelfTest : public test::DeviceTest {};

// Whether they are right is for a quiet machine: mha_bench --self_test, scripts/collect.
TEST_P(SelfTest, EachClockIsRead) {
  const std::vector<Proof> proofs = prove_clocks(GetParam());
  const bool gpu = GetParam().is_cuda();
  EXPECT_GE(proofs.size(), gpu ? 8U : 3U) << proofs_text(proofs);
  for (const Proof& proof : proofs) {
    EXPECT_NE(proof.reading, "") << proof.what;
    EXPECT_EQ(proof.expected == "", proof.outcome == Outcome::skipped) << proof.what;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, SelfTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

TEST(Proofs, OneThatIsOffIsToldAndCounts) {
  const std::vector<Proof> right{{"a sleep", "2.000 within 0.2 %", "2.001", Outcome::right},
                                 {"kernel trace", "", "no permission", Outcome::skipped}};
  EXPECT_TRUE(all_right(right));
  EXPECT_EQ(proofs_text(right),
            "right    a sleep       expected 2.000 within 0.2 %, read 2.001\n"
            "skipped  kernel trace  no permission\n"
            "Clocks: 1 right, 0 off, 1 skipped\n");
  const std::vector<Proof> off{{"a sleep", "2.000 within 0.2 %", "2.1", Outcome::off}};
  EXPECT_FALSE(all_right(off));
  EXPECT_EQ(proofs_text(off),
            "OFF      a sleep  expected 2.000 within 0.2 %, read 2.1\n"
            "Clocks: 0 right, 1 off, 0 skipped\n");
}

}  // namespace
}  // namespace mhabench::bench
