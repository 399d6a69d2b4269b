#pragma once

#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace mhabench {

/// The time of some calls made one after the other, and what the last of them gave.
struct TimedBatch {
  double total_us = 0;
  std::int64_t calls = 0;
  at::Tensor last_output;

  double us_per_call() const { return total_us / static_cast<double>(calls); }
};

/// Makes `calls` calls (at least 1) and times them from the start of the first to the end of the
/// last: on CUDA by events on the current stream, with one synchronisation at the end, so that the
/// time is the GPU's wherever the GPU is the limit and the host's elsewhere; on the CPU by
/// steady_clock. Exceptions of the calls pass through.
TimedBatch time_batch(c10::Device device, const std::function<at::Tensor()>& call,
                      std::int64_t calls);

}  // namespace mhabench
