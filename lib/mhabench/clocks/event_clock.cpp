#include "mhabench/clocks/event_clock.h"

#include <chrono>
#include <ctime>
#include <utility>

#if MHABENCH_WITH_CUDA
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#endif

#include "mhabench/device/device.h"

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
std::vector<double> us_by_sample(std::int64_t calls, std::int64_t samples, const Elapsed& elapsed) {
  std::vector<double> us;
  for (std::int64_t i = 0; i < samples; ++i) {
    us.push_back(elapsed(i, i + 1) / static_cast<double>(calls_of_sample(calls, samples, i)));
  }
  return us;
}

// When the host came by the marks of a batch.
class HostMarks {
 public:
  explicit HostMarks(std::int64_t samples) : times_(static_cast<std::size_t>(samples) + 1) {}

  void take(std::int64_t i) { times_[static_cast<std::size_t>(i)] = HostClock::now(); }
  double operator()(std::int64_t from, std::int64_t to) const {
    return microseconds(times_[static_cast<std::size_t>(to)] -
                        times_[static_cast<std::size_t>(from)]);
  }

 private:
  std::vector<HostClock::time_point> times_;
};

void enter_host_times(TimedBatch& batch, std::int64_t samples, const HostMarks& host) {
  batch.enqueue_us = host(0, samples);
  batch.enqueue_sample_us = us_by_sample(batch.calls, samples, host);
}

TimedBatch time_on_cpu(const std::function<at::Tensor()>& call, std::int64_t calls,
                       std::int64_t samples) {
  HostMarks marks(samples);
  TimedBatch batch;
  batch.calls = calls;
  const double cpu_start = thread_cpu_us();
  batch.last_output = make_calls(call, calls, samples, [&](std::int64_t i) { marks.take(i); });
  batch.cpu_us = thread_cpu_us() - cpu_start;
  enter_host_times(batch, samples, marks);
  batch.total_us = batch.enqueue_us;
  batch.sample_us = batch.enqueue_sample_us;
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

void go_ahead(c10::Device device, Lead lead, const std::function<at::Tensor()>& call) {
  if (lead.call) call();
  if (lead.sleep_us > 0) put_to_sleep(device, lead.sleep_us);
}

TimedBatch time_on_cuda(c10::Device device, const std::function<at::Tensor()>& call,
                        std::int64_t calls, std::int64_t samples, Lead lead) {
  std::vector<Event> marks(static_cast<std::size_t>(samples) + 1);
  HostMarks host_marks(samples);
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream().stream();
  TimedBatch batch;
  batch.calls = calls;
  go_ahead(device, lead, call);
  const double cpu_start = thread_cpu_us();
  batch.last_output = make_calls(call, calls, samples, [&](std::int64_t i) {
    marks[static_cast<std::size_t>(i)].record(stream);
    host_marks.take(i);
  });
  marks.back().wait();
  batch.cpu_us = thread_cpu_us() - cpu_start;
  enter_host_times(batch, samples, host_marks);
  const auto elapsed = [&](std::int64_t from, std::int64_t to) {
    return marks[static_cast<std::size_t>(from)].microseconds_until(
        marks[static_cast<std::size_t>(to)]);
  };
  batch.total_us = elapsed(0, samples);
  batch.sample_us = us_by_sample(calls, samples, elapsed);
  return batch;
}

#endif

}  // namespace

TimedBatch time_batch(c10::Device device, const std::function<at::Tensor()>& call,
                      std::int64_t calls, std::int64_t samples, [[maybe_unused]] Lead lead) {
#if MHABENCH_WITH_CUDA
  if (device.is_cuda()) return time_on_cuda(device, call, calls, samples, lead);
#endif
  return time_on_cpu(call, calls, samples);
}

}  // namespace mhabench
