#include "mhabench/clocks/event_clock.h"

#include <chrono>
#include <ctime>
#include <utility>

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/Sleep.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#endif

namespace mhabench {
namespace {

using HostClock = std::chrono::steady_clock;

double microseconds(HostClock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

double thread_cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// How many of `calls` calls the sample at `index` makes: all alike, but for a remainder.
std::int64_t calls_of_sample(std::int64_t calls, std::int64_t samples, std::int64_t index) {
  return calls * (index + 1) / samples - calls * index / samples;
}

// Makes all calls and lets `mark` mark the start and the end of each sample. Every output is
// dropped before the next call, as a caller's loop would; the last one is kept.
template <typename Mark>
at::Tensor make_calls(const std::function<at::Tensor()>& call, std::int64_t calls,
                      std::int64_t samples, const Mark& mark) {
  at::Tensor output;
  mark(0);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    for (std::int64_t i = calls_of_sample(calls, samples, sample); i > 0; --i) {
      output.reset();
      output = call();
    }
    mark(sample + 1);
  }
  return output;
}

// `elapsed(i, j)` is the time from mark i to mark j, in us.
template <typename Elapsed>
void enter_times(TimedBatch& batch, std::int64_t samples, const Elapsed& elapsed) {
  batch.total_us = elapsed(0, samples);
  for (std::int64_t i = 0; i < samples; ++i) {
    const auto calls = static_cast<double>(calls_of_sample(batch.calls, samples, i));
    batch.sample_us.push_back(elapsed(i, i + 1) / calls);
  }
}

TimedBatch time_on_cpu(const std::function<at::Tensor()>& call, std::int64_t calls,
                       std::int64_t samples) {
  std::vector<HostClock::time_point> marks(static_cast<std::size_t>(samples) + 1);
  TimedBatch batch;
  batch.calls = calls;
  const double cpu_start = thread_cpu_us();
  batch.last_output = make_calls(call, calls, samples, [&](std::int64_t i) {
    marks[static_cast<std::size_t>(i)] = HostClock::now();
  });
  batch.cpu_us = thread_cpu_us() - cpu_start;
  enter_times(batch, samples, [&](std::int64_t from, std::int64_t to) {
    return microseconds(marks[static_cast<std::size_t>(to)] -
                        marks[static_cast<std::size_t>(from)]);
  });
  batch.enqueue_us = batch.total_us;
  return batch;
}

#if MHABENCH_WITH_CUDA

// Made before the batch: LibTorch's own event comes into being when it is first recorded, which
// would be in the timed batch.
class Event {
 public:
  Event() { C10_CUDA_CHECK(cudaEventCreate(&event_)); }
  ~Event() { C10_CUDA_CHECK_WARN(cudaEventDestroy(event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void record(cudaStream_t stream) { C10_CUDA_CHECK(cudaEventRecord(event_, stream)); }
  void wait() const { C10_CUDA_CHECK(cudaEventSynchronize(event_)); }
  double microseconds_until(const Event& later) const {
    constexpr double kMicrosecondsPerMillisecond = 1000;
    float milliseconds = 0;
    C10_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, event_, later.event_));
    return milliseconds * kMicrosecondsPerMillisecond;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

void go_ahead(Lead lead, const std::function<at::Tensor()>& call) {
  constexpr std::int64_t kCycles = 200'000;  // some 100 us, in which a call's first kernels come
  if (lead == Lead::call) call();
  if (lead == Lead::sleep) at::cuda::sleep(kCycles);
}

TimedBatch time_on_cuda(const std::function<at::Tensor()>& call, std::int64_t calls,
                        std::int64_t samples, Lead lead) {
  std::vector<Event> marks(static_cast<std::size_t>(samples) + 1);
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream().stream();
  TimedBatch batch;
  batch.calls = calls;
  go_ahead(lead, call);
  const double cpu_start = thread_cpu_us();
  const auto start = HostClock::now();
  batch.last_output = make_calls(call, calls, samples, [&](std::int64_t i) {
    marks[static_cast<std::size_t>(i)].record(stream);
  });
  batch.enqueue_us = microseconds(HostClock::now() - start);
  marks.back().wait();
  batch.cpu_us = thread_cpu_us() - cpu_start;
  enter_times(batch, samples, [&](std::int64_t from, std::int64_t to) {
    return marks[static_cast<std::size_t>(from)].microseconds_until(
        marks[static_cast<std::size_t>(to)]);
  });
  return batch;
}

#endif

}  // namespace

TimedBatch time_batch(c10::Device device, const std::function<at::Tensor()>& call,
                      std::int64_t calls, std::int64_t samples, [[maybe_unused]] Lead lead) {
#if MHABENCH_WITH_CUDA
  if (device.is_cuda()) return time_on_cuda(call, calls, samples, lead);
#endif
  return time_on_cpu(call, calls, samples);
}

}  // namespace mhabench
