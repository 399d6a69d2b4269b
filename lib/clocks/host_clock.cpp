#include "mhabench/clocks/host_clock.h"

#include <chrono>
#include <stdexcept>
#include <vector>

#include "mhabench/clocks/device.h"
#include "mhabench/clocks/statistics.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/Sleep.h>
#include <c10/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>
#endif

namespace mhabench {
namespace {

[[noreturn]] void refuse() { throw std::logic_error("the host's clock needs a CUDA device"); }

}  // namespace

#if MHABENCH_WITH_CUDA
namespace {

constexpr int kTimedCalls = 3;

double microseconds_of(const std::function<at::Tensor()>& call) {
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor output = call();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

// The GPU's clock may run at less than its most, which only makes a sleep longer.
std::int64_t sleep_cycles(c10::Device device, double us) {
  int kilohertz = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device.index()));
  return static_cast<std::int64_t>(us * kilohertz / 1e3);
}

struct TimeBehindSleep {
  double us;
  bool sleep_was_over;
};

TimeBehindSleep time_behind_sleep(c10::Device device, const std::function<at::Tensor()>& call,
                                  std::int64_t cycles) {
  synchronize(device);
  c10::cuda::CUDAEvent slept(cudaEventDisableTiming);
  at::cuda::sleep(cycles);
  slept.record();
  const double us = microseconds_of(call);
  const bool over = slept.query();
  synchronize(device);
  return {us, over};
}

double time_on_idle_stream(c10::Device device, const std::function<at::Tensor()>& call) {
  synchronize(device);
  const double us = microseconds_of(call);
  synchronize(device);
  return us;
}

}  // namespace

HostTime time_on_host(c10::Device device, const std::function<at::Tensor()>& call) {
  if (!device.is_cuda()) refuse();
  // A layer takes its host 40 to 400 us to enqueue, whatever the GPU makes of it.
  constexpr double kSleepUs = 600;
  constexpr double kLonger = 2.5;
  std::int64_t cycles = sleep_cycles(device, kSleepUs);
  std::vector<double> times;
  for (bool tried_longer = false; times.size() < kTimedCalls;) {
    const TimeBehindSleep seen = time_behind_sleep(device, call, cycles);
    if (!seen.sleep_was_over) {
      times.push_back(seen.us);
    } else if (!tried_longer) {
      // A host that was merely slow once is behind a longer sleep again.
      tried_longer = true;
      cycles = static_cast<std::int64_t>(static_cast<double>(cycles) * kLonger);
    } else {
      times.clear();
      for (int i = 0; i < kTimedCalls; ++i) times.push_back(time_on_idle_stream(device, call));
      return {median(times), true};
    }
  }
  return {median(times), false};
}

#else

HostTime time_on_host(c10::Device, const std::function<at::Tensor()>&) { refuse(); }

#endif

}  // namespace mhabench
