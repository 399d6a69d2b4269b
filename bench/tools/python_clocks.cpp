// The suite's own clocks for calls that Python makes, as a library that a process with the same
// LibTorch loads (scripts/mhabench/collect/parity.py). Each function returns false where it could
// not measure, and then says why in `problem`, a text of `size` bytes.

#include <cstddef>
#include <cstdio>
#include <exception>
#include <map>

#include <ATen/core/Tensor.h>

#include "mhabench/clocks/event_clock.h"
#include "mhabench/clocks/kernel_trace.h"

namespace {

using Call = void (*)();

std::function<at::Tensor()> wrapped(Call call) {
  return [call] {
    call();
    return at::Tensor();
  };
}

c10::Device gpu(int index) { return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)}; }

// CUPTI is attached once in a process.
mhabench::KernelTracer& tracer_of(int device) {
  static std::map<int, mhabench::KernelTracer> tracers;
  return tracers.try_emplace(device, gpu(device)).first->second;
}

template <typename Measure>
bool says_why(char* problem, std::size_t size, Measure measure) {
  std::string why;
  try {
    why = measure();
  } catch (const std::exception& error) {
    why = error.what();
  }
  std::snprintf(problem, size, "%s", why.c_str());
  return why.empty();
}

}  // namespace

/// The mean time of `calls` calls in a row by CUDA events, in us.
extern "C" bool mhabench_event_us(int device, Call call, std::int64_t calls, double* us,
                                  char* problem, std::size_t size) {
  return says_why(problem, size, [&] {
    *us = mhabench::time_batch(gpu(device), wrapped(call), calls, 1, {.call = true}).us_per_call();
    return std::string();
  });
}

/// How long the GPU is at work for a call, in us, and its kernels: medians of eight traced calls.
extern "C" bool mhabench_busy_us(int device, Call call, double* us, double* kernels, char* problem,
                                 std::size_t size) {
  return says_why(problem, size, [&]() -> std::string {
    mhabench::KernelTracer& tracer = tracer_of(device);
    if (tracer.unavailable()) return *tracer.unavailable();
    const mhabench::KernelTrace trace = tracer.trace(wrapped(call));
    if (trace.calls.empty()) return trace.problem;
    const mhabench::TraceSummary summary = mhabench::summarize(trace.calls);
    *us = summary.busy_us;
    *kernels = summary.kernels;
    return {};
  });
}
