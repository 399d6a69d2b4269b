#include "mhabench/clocks/canary.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <gtest/gtest.h>

#include "mhabench/device/device.h"
#include "support/devices.h"

namespace mhabench {
namespace {

using CanaryTest = test::DeviceTest;

// 2 x 512^3 operations on the CPU, 2 x 4096^3 on a GPU, on anything from a slow core to no device
// yet built.
TEST_P(CanaryTest, TakesTheTimeOfAProduct) {
  const double flops = GetParam().is_cpu() ? 0.268e9 : 137e9;
  const double us = Canary(GetParam()).time_us();
  EXPECT_LT(us, flops / 0.2e9 * 1e6);
  EXPECT_GT(us, flops / 1e16 * 1e6);
}

TEST_P(CanaryTest, LeavesTheDefaultGeneratorAlone) {
  const auto draw = [] { return at::rand({4}, at::device(GetParam())); };
  at::Generator generator = at::globalContext().defaultGenerator(GetParam());
  const at::Tensor state = generator.get_state();
  const at::Tensor expected = draw();
  generator.set_state(state);
  Canary(GetParam()).time_us();
  EXPECT_TRUE(at::equal(draw(), expected));
}

INSTANTIATE_TEST_SUITE_P(Devices, CanaryTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

}  // namespace
}  // namespace mhabench
