#include "support/planted.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/base/statistics.h"
#include "mhabench/clocks/event_clock.h"
#include "mhabench/clocks/kernel_trace.h"
#include "support/batches.h"
#include "support/devices.h"
#include "support/errors.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

using Call = std::function<at::Tensor()>;

constexpr double kShare = 0.05;

double event_us(c10::Device device, const Call& call) {
  return time_batch(device, call, 1).total_us;
}

// Work enough for a kernel of a twentieth of it to be no shorter than kernels can be.
Case large_case(c10::Device device) {
  const Batch batch{"large", std::vector<std::int64_t>(16, 256), 512, 8};
  return make_case(batch, device.is_cpu() ? Dtype::fp32 : Dtype::fp16, device);
}

// On the CPU each call is held against itself, so that nothing else counts: the spin is part of it.
TEST(SlowedOnCpu, ACallTakesThatShareLonger) {
  using namespace std::chrono;
  const Case c = make_case(odd_batches().front(), Dtype::fp32, at::kCPU);
  steady_clock::duration inside{};
  Path path = scripted_path("slow");
  path.prepare = [&](const MhaConfig&, const Inputs&, const Weights&) {
    PreparedCall call;
    call.run = [&] {
      const auto start = steady_clock::now();
      while (steady_clock::now() - start < milliseconds(2)) {
      }
      inside = steady_clock::now() - start;
      return at::Tensor();
    };
    return call;
  };
  const PreparedCall call = slowed(path, 0.5).prepare(c.config, c.inputs, c.weights);
  // It never takes less than that, and on a busy machine more.
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 9; ++i) {
    const double us = event_us(at::kCPU, call.run);
    least = std::min(least, us / duration<double, std::micro>(inside).count());
  }
  EXPECT_NEAR(least, 1.5, 0.01);
}

TEST(SlowedOnGpu, ACallKeepsTheGpuBusyThatShareLonger) {
  const c10::Device device(c10::kCUDA, 0);
  if (const auto reason = cannot_use(device)) GTEST_SKIP() << *reason;
  KernelTracer tracer(device);
  if (tracer.unavailable()) GTEST_SKIP() << *tracer.unavailable();
  const Case c = large_case(device);
  const Path& slow = find_path("slow");
  const PreparedCall plain = slow.prepare(c.config, c.inputs, c.weights);
  const PreparedCall longer = slowed(slow, kShare).prepare(c.config, c.inputs, c.weights);
  const auto traced = [&](const PreparedCall& call) {
    return summarize(tracer.trace(call.run).calls);
  };
  EXPECT_EQ(traced(longer).kernels, traced(plain).kernels + 1);
  // In turn, since the GPU's clock rises from idle and falls under load. The share to a thousandth
  // is in the log of each run that plants.
  std::vector<double> ratios;
  for (int i = 0; i < 9; ++i) ratios.push_back(traced(longer).busy_us / traced(plain).busy_us);
  EXPECT_NEAR(median(ratios), 1 + kShare, kShare / 2);
}

class SlowedTest : public DeviceTest {};

TEST_P(SlowedTest, GivesWhatThePathGives) {
  if (GetParam().is_cuda()) {
    const KernelTracer tracer(GetParam());
    if (tracer.unavailable()) GTEST_SKIP() << *tracer.unavailable();
  }
  const Case c = large_case(GetParam());
  const Path& slow = find_path("slow");
  const PreparedCall expected = slow.prepare(c.config, c.inputs, c.weights);
  const PreparedCall call = slowed(slow, kShare).prepare(c.config, c.inputs, c.weights);
  EXPECT_TRUE(at::equal(call.to_packed(call.run()), expected.to_packed(expected.run())));
}

INSTANTIATE_TEST_SUITE_P(Devices, SlowedTest, ::testing::ValuesIn(all_devices()), device_test_name);

TEST(Plant, TakesThePlaceOfThePathThatIsNamed) {
  std::vector<Path> table{find_path("fast"), find_path("slow")};
  plant(table, "slow:1");
  EXPECT_EQ(table[1].name, "slow");
  const Case c = make_case(odd_batches().front(), Dtype::fp32, at::kCPU);
  const PreparedCall plain = find_path("slow").prepare(c.config, c.inputs, c.weights);
  const PreparedCall longer = table[1].prepare(c.config, c.inputs, c.weights);
  // In turn, since a processor that wakes up or is shared makes the first calls the slower ones.
  std::vector<double> ratios;
  for (int i = 0; i < 31; ++i) {
    ratios.push_back(event_us(at::kCPU, longer.run) / event_us(at::kCPU, plain.run));
  }
  EXPECT_GT(median(ratios), 1.5);
}

TEST(Plant, RefusesWhatIsNoPathAndShare) {
  for (const char* const text :
       {"slow", "absent:0.1", "slow:0", "slow:-1", "slow:much", "slow:1x", "slow:inf", ""}) {
    std::vector<Path> table{find_path("slow")};
    EXPECT_EQ(message_of<InputError>([&] {
                plant(table, text);
                return 0;
              }),
              "MHABENCH_PLANTED='" + std::string(text) + "' is not <path>:<share above 0>");
  }
}

}  // namespace
}  // namespace mhabench::test
