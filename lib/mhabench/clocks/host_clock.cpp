#include "mhabench/clocks/host_clock.h"

#include <chrono>
#include <stdexcept>

#include "mhabench/device/device.h"

#if MHABENCH_WITH_CUDA
#include <c10/cuda/CUDAEvent.h>
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

CallsBehindSleep calls_behind_sleep(c10::Device device, const std::function<at::Tensor()>& call,
                                    double sleep_us, std::size_t calls) {
  synchronize(device);
  c10::cuda::CUDAEvent slept(cudaEventDisableTiming);
  put_to_sleep(device, sleep_us);
  slept.record();
  CallsBehindSleep made;
  while (made.us.size() < calls) {
    made.us.push_back(microseconds_of(call));
    if (slept.query()) break;
    ++made.within_sleep;
  }
  synchronize(device);
  return made;
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
  return host_time({[&](double sleep_us, std::size_t calls) {
                      return calls_behind_sleep(device, call, sleep_us, calls);
                    },
                    [&] { return time_on_idle_stream(device, call); }},
                   most_us, likely_waits);
}

#else

HostTime time_on_host(c10::Device, const std::function<at::Tensor()>&, double, bool) { refuse(); }

#endif

}  // namespace mhabench
