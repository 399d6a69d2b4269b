#include "mhabench/clocks/host_clock.h"

#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>

#include "mhabench/clocks/device.h"

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

CallBehindSleep call_behind_sleep(c10::Device device, const std::function<at::Tensor()>& call,
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

HostTime time_on_host(c10::Device device, const std::function<at::Tensor()>& call, double most_us,
                      bool likely_waits) {
  if (!device.is_cuda()) refuse();
  return host_time({[&](double sleep_us) {
                      return call_behind_sleep(device, call, sleep_cycles(device, sleep_us));
                    },
                    [&] { return time_on_idle_stream(device, call); }},
                   most_us, likely_waits);
}

#else

HostTime time_on_host(c10::Device, const std::function<at::Tensor()>&, double, bool) { refuse(); }

#endif

}  // namespace mhabench
