#include "mhabench/clocks/kernel_trace.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "mhabench/clocks/cupti.h"
#include "mhabench/device/device.h"
#include "support/devices.h"
#include "support/errors.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <ATen/cuda/Sleep.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace mhabench {
namespace {

using KernelTracerTest = test::DeviceTest;

// Whatever this machine lets one do, the answer is one line or a trace.
TEST_P(KernelTracerTest, TracesOrSaysWhyNot) {
  KernelTracer tracer(GetParam());
  int made = 0;
  const KernelTrace trace = tracer.trace([&] {
    ++made;
    return at::zeros({1}, at::TensorOptions().device(GetParam()));
  });
  EXPECT_EQ(tracer.unavailable().value_or(""), trace.problem);
  EXPECT_EQ(trace.problem.find('\n'), std::string::npos) << trace.problem;
  EXPECT_EQ(made, tracer.unavailable() ? 0 : kTracedCalls);
  EXPECT_EQ(trace.calls.size(), tracer.unavailable() ? 0 : kTracedCalls);
}

INSTANTIATE_TEST_SUITE_P(Devices, KernelTracerTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

TEST(KernelTracerCpuTest, TheCpuRunsNoKernels) {
  KernelTracer tracer{c10::Device(c10::kCPU)};
  EXPECT_EQ(tracer.unavailable(), "the CPU runs no kernels");
}

TEST(CuptiTest, WithoutADriverSaysSoOnOneLine) {
  if (!test::cannot_use(test::all_devices().back())) GTEST_SKIP() << "this machine has a GPU";
  const auto& reason = cupti::unavailable();
  ASSERT_TRUE(reason);
  EXPECT_NE(*reason, "");
  EXPECT_EQ(reason->find('\n'), std::string::npos) << *reason;
  EXPECT_EQ(test::message_of<cupti::Error>([] { return cupti::Collection().finish(); }), *reason);
}

#if MHABENCH_WITH_CUDA

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

std::int64_t count_of(const CallRecords& call, RecordKind kind) {
  return std::count_if(call.begin(), call.end(),
                       [&](const KernelRecord& record) { return record.kind == kind; });
}

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

class KernelTraceCudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::cannot_use(kCuda)) GTEST_SKIP() << *reason;
    use_device(kCuda);
    tracer_.emplace(kCuda);
    if (tracer_->unavailable())
      GTEST_SKIP() << "no kernels are traced: " << *tracer_->unavailable();
    values_ = at::zeros({1 << 16}, at::TensorOptions().device(kCuda));
  }

  // Must succeed: the tests' calls are such that nothing can go wrong.
  std::vector<CallRecords> trace(const std::function<at::Tensor()>& call,
                                 std::int64_t calls = kTracedCalls) {
    KernelTrace trace = tracer_->trace(call, calls);
    EXPECT_EQ(trace.problem, "");
    EXPECT_EQ(trace.calls.size(), static_cast<std::size_t>(calls));
    return std::move(trace.calls);
  }

  at::Tensor add_times(int kernels) {
    for (int i = 0; i < kernels; ++i) values_.add_(1);
    return values_;
  }

  static inline const c10::Device kCuda = test::all_devices().back();

  std::optional<KernelTracer> tracer_;
  at::Tensor values_;
};

TEST_F(KernelTraceCudaTest, SeesAllThatACallDoes) {
  const at::Tensor target = at::empty_like(values_);
  const auto calls = trace([&] {
    const auto stream = c10::cuda::getCurrentCUDAStream();
    add_times(3);
    C10_CUDA_CHECK(cudaMemcpyAsync(target.data_ptr(), values_.data_ptr(), values_.nbytes(),
                                   cudaMemcpyDeviceToDevice, stream));
    C10_CUDA_CHECK(cudaMemsetAsync(target.data_ptr(), 0, target.nbytes(), stream));
    return target;
  });
  for (const CallRecords& call : calls) {
    EXPECT_EQ(count_of(call, RecordKind::kernel), 3);
    EXPECT_EQ(count_of(call, RecordKind::copy), 1);
    EXPECT_EQ(count_of(call, RecordKind::set), 1);
    EXPECT_EQ(call.size(), 5);
    EXPECT_EQ(call.front().kind, RecordKind::kernel);
    EXPECT_NE(demangled(call.front().name).find("elementwise_kernel"), std::string::npos)
        << call.front().name;
    EXPECT_EQ(call[3].name, "memcpy DtoD");
    EXPECT_EQ(call[4].name, "memset");
    EXPECT_GT(busy_us(call), 0);
    EXPECT_LT(busy_us(call), 1'000);
  }
  EXPECT_EQ(summarize(calls).kernels, 3);
}

TEST_F(KernelTraceCudaTest, NamesCopiesByTheirDirection) {
  const auto calls = trace([&] { return values_.to(c10::kCPU).to(kCuda); }, 2);
  for (const CallRecords& call : calls) {
    ASSERT_EQ(call.size(), 2);
    EXPECT_EQ(call[0].name, "memcpy DtoH");
    EXPECT_EQ(call[1].name, "memcpy HtoD");
  }
}

TEST_F(KernelTraceCudaTest, TellsCallsApart) {
  int made = 0;
  const auto calls = trace([&] { return add_times(++made); }, 9);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(calls[i].size(), i + 1);
  }
}

TEST_F(KernelTraceCudaTest, ACallMayDoNothing) {
  for (const CallRecords& call : trace([&] { return values_; })) EXPECT_TRUE(call.empty());
}

// Work that was enqueued before, and work between two traces, is nobody's.
TEST_F(KernelTraceCudaTest, SeesTheCallsAlone) {
  constexpr std::int64_t kCycles = 2'000'000;
  for (int i = 0; i < 3; ++i) {
    at::cuda::sleep(kCycles);
    add_times(20);
    for (const CallRecords& call : trace([&] { return add_times(2); })) EXPECT_EQ(call.size(), 2);
  }
}

// Calls take turns, so that a clock which drifts does so for both. How near it comes on a quiet
// machine is for mha_bench --self_test.
TEST_F(KernelTraceCudaTest, TwiceTheWorkIsTwiceTheTime) {
  constexpr std::int64_t kCycles = 20'000'000;
  at::cuda::sleep(10 * kCycles);  // the clock rises from idle
  int made = 0;
  const auto calls = trace(
      [&] {
        at::cuda::sleep(++made % 2 == 1 ? kCycles : 2 * kCycles);
        return values_;
      },
      12);
  std::vector<CallRecords> once;
  std::vector<CallRecords> twice;
  for (std::size_t i = 0; i < calls.size(); ++i) (i % 2 == 0 ? once : twice).push_back(calls[i]);
  const double ratio = summarize(twice).busy_us / summarize(once).busy_us;
  EXPECT_NEAR(ratio, 2, 0.1) << summarize(once).busy_us << " us";
  EXPECT_EQ(summarize(calls).kernels, 1);
}

TEST_F(KernelTraceCudaTest, StreamsThatOverlapCountOnce) {
  constexpr std::int64_t kCycles = 5'000'000;
  const c10::cuda::CUDAStream side = c10::cuda::getStreamFromPool(false, kCuda.index());
  const auto calls = trace([&] {
    at::cuda::sleep(kCycles);
    const c10::cuda::CUDAStreamGuard guard(side);
    at::cuda::sleep(kCycles);
    return values_;
  });
  // A busy host may come late with the second one.
  double least = std::numeric_limits<double>::max();
  for (const CallRecords& call : calls) {
    ASSERT_EQ(call.size(), 2);
    EXPECT_NE(call[0].stream, call[1].stream);
    least = std::min(least, busy_us(call) / busy_us({call[0]}));
  }
  EXPECT_LT(least, 1.2);
}

TEST_F(KernelTraceCudaTest, SeesTheKernelsOfAGraph) {
  at::cuda::CUDAGraph graph;
  add_times(1);  // loads the kernel, which must not happen within a capture
  synchronize(kCuda);
  {
    const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool(false, kCuda.index()));
    graph.capture_begin();
    add_times(4);
    graph.capture_end();
  }
  // More than once: CUPTI's faults with graphs begin with the second trace.
  for (int i = 0; i < 3; ++i) {
    const auto calls = trace([&] {
      graph.replay();
      return values_;
    });
    for (const CallRecords& call : calls) EXPECT_EQ(count_of(call, RecordKind::kernel), 4);
  }
}

TEST_F(KernelTraceCudaTest, SeesAllOfACallThatNeedsManyBuffers) {
  const auto calls = trace([&] { return add_times(5'000); }, 2);
  for (const CallRecords& call : calls) EXPECT_EQ(call.size(), 5'000);
}

TEST_F(KernelTraceCudaTest, TwoTracersTakeTurns) {
  KernelTracer other(kCuda);
  ASSERT_EQ(other.unavailable(), std::nullopt);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(trace([&] { return add_times(2); }).front().size(), 2);
    EXPECT_EQ(other.trace([&] { return add_times(3); }).calls.front().size(), 3);
  }
}

TEST_F(KernelTraceCudaTest, ATraceWithinATraceIsRefused) {
  KernelTracer other(kCuda);
  std::set<std::string> problems;
  trace(
      [&] {
        problems.insert(other.trace([&] { return values_; }).problem);
        return values_;
      },
      2);
  EXPECT_EQ(problems, std::set<std::string>{"another trace is going on"});
}

TEST_F(KernelTraceCudaTest, ExceptionsOfACallPassAndEndTheTrace) {
  int made = 0;
  const auto failing = [&] {
    if (++made == 3) throw std::runtime_error("third call");
    return add_times(1);
  };
  EXPECT_EQ(test::message_of<std::runtime_error>([&] { return tracer_->trace(failing); }),
            "third call");
  EXPECT_EQ(made, 3);
  for (const CallRecords& call : trace([&] { return add_times(2); })) EXPECT_EQ(call.size(), 2);
}

// A run traces some thousand rows in one process.
TEST_F(KernelTraceCudaTest, ManyTracesTakeNoMoreMemory) {
  constexpr int kTraces = 200;
  const auto trace_times = [&](int times) {
    for (int i = 0; i < times; ++i) trace([&] { return add_times(10); });
  };
  trace_times(50);
  const std::size_t buffers = cupti::buffers();
  const std::int64_t before = resident_bytes();
  const std::size_t free_before = free_memory(kCuda);
  const auto start = Clock::now();
  trace_times(kTraces);
  RecordProperty("us_per_trace", std::to_string(microseconds_since(start) / kTraces));
  EXPECT_LE(cupti::buffers(), buffers + 2);
  EXPECT_LT(resident_bytes() - before, 4 << 20);
  EXPECT_LT(free_before, free_memory(kCuda) + (32 << 20));
}

#endif

}  // namespace
}  // namespace mhabench
