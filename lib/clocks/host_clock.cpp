#include "mhabench/clocks/host_clock.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
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

constexpr std::size_t kMostCalls = 3;

// A layer mostly takes its host 40 to 400 us to enqueue, whatever the GPU makes of it.
double first_sleep_us(double event_us) {
  constexpr double kMargin = 1.3;
  constexpr double kShortest = 100;
  constexpr double kLongest = 600;
  return std::clamp(kMargin * event_us, kShortest, kLongest);
}

// Longer than the host can take, and than one that was slow for once.
double second_sleep_us(double event_us) {
  constexpr double kMargin = 1.5;
  constexpr double kLonger = 2;
  constexpr double kShortest = 300;  // where the event time is no guide
  return std::max({kMargin * event_us, kLonger * first_sleep_us(event_us), kShortest});
}

double microseconds_of(const std::function<at::Tensor()>& call) {
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor output = call();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

// Asked for once: the driver may have to read it from the device each time.
int most_kilohertz(c10::Device device) {
  static std::mutex mutex;
  static std::map<c10::DeviceIndex, int> known;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(device.index()); found != known.end()) return found->second;
  int kilohertz = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device.index()));
  known.emplace(device.index(), kilohertz);
  return kilohertz;
}

// The GPU's clock may run at less than its most, which only makes a sleep longer.
std::int64_t sleep_cycles(c10::Device device, double us) {
  return static_cast<std::int64_t>(us * most_kilohertz(device) / 1e3);
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

// Three times, or fewer where calls take the GPU long; none where a sleep was over too soon.
std::vector<double> times_behind_sleep(c10::Device device, const std::function<at::Tensor()>& call,
                                       double sleep_us) {
  constexpr auto kEnough = std::chrono::microseconds(1'500);
  const std::int64_t cycles = sleep_cycles(device, sleep_us);
  const auto start = std::chrono::steady_clock::now();
  std::vector<double> times;
  do {
    const TimeBehindSleep seen = time_behind_sleep(device, call, cycles);
    if (seen.sleep_was_over) return {};
    times.push_back(seen.us);
  } while (times.size() < kMostCalls && std::chrono::steady_clock::now() - start < kEnough);
  return times;
}

std::vector<double> times_on_idle_stream(c10::Device device,
                                         const std::function<at::Tensor()>& call) {
  std::vector<double> times;
  while (times.size() < kMostCalls) times.push_back(time_on_idle_stream(device, call));
  return times;
}

}  // namespace

HostTime time_on_host(c10::Device device, const std::function<at::Tensor()>& call,
                      double event_us) {
  if (!device.is_cuda()) refuse();
  std::vector<double> times = times_behind_sleep(device, call, first_sleep_us(event_us));
  if (times.empty()) times = times_behind_sleep(device, call, second_sleep_us(event_us));
  const bool syncs = times.empty();
  if (syncs) times = times_on_idle_stream(device, call);
  return {median(times), syncs};
}

#else

HostTime time_on_host(c10::Device, const std::function<at::Tensor()>&, double) { refuse(); }

#endif

}  // namespace mhabench
