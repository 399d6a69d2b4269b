#include "mhabench/clocks/event_clock.h"

#include <chrono>

#if MHABENCH_WITH_CUDA
#include <c10/cuda/CUDAEvent.h>
#endif

namespace mhabench {
namespace {

// Every output but the last is dropped before the next call, as a caller's loop would.
at::Tensor make_calls(const std::function<at::Tensor()>& call, std::int64_t calls) {
  for (std::int64_t i = 1; i < calls; ++i) call();
  return call();
}

TimedBatch time_on_cpu(const std::function<at::Tensor()>& call, std::int64_t calls) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  at::Tensor last = make_calls(call, calls);
  const std::chrono::duration<double, std::micro> total = Clock::now() - start;
  return {total.count(), calls, std::move(last)};
}

#if MHABENCH_WITH_CUDA

TimedBatch time_on_cuda(const std::function<at::Tensor()>& call, std::int64_t calls) {
  // The default flag of an event switches timing off.
  c10::cuda::CUDAEvent start(cudaEventDefault);
  c10::cuda::CUDAEvent stop(cudaEventDefault);
  start.record();
  at::Tensor last = make_calls(call, calls);
  stop.record();
  stop.synchronize();
  constexpr double kMicrosecondsPerMillisecond = 1000;
  return {start.elapsed_time(stop) * kMicrosecondsPerMillisecond, calls, std::move(last)};
}

#endif

}  // namespace

TimedBatch time_batch(c10::Device device, const std::function<at::Tensor()>& call,
                      std::int64_t calls) {
#if MHABENCH_WITH_CUDA
  if (device.is_cuda()) return time_on_cuda(call, calls);
#endif
  return time_on_cpu(call, calls);
}

}  // namespace mhabench
