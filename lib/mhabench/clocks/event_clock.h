#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace mhabench {

/// The time of some calls made one after the other, in samples of several calls each, and what the
/// last call gave.
struct TimedBatch {
  double total_us = 0;     ///< from the start of the first call to the end of the last
  std::int64_t calls = 0;  ///< in all samples together
  at::Tensor last_output;
  std::vector<double> sample_us;          ///< mean time of a call in each sample
  double enqueue_us = 0;                  ///< until the last call returned, by the host's clock
  std::vector<double> enqueue_sample_us;  ///< of it, mean time of a call in each sample
  double cpu_us = 0;                      ///< of the calling thread, for all calls

  double us_per_call() const { return total_us / static_cast<double>(calls); }
};

/// What goes ahead of a batch on CUDA, right before its first event, and counts for nothing: a GPU
/// that is at work when the batch begins does not wait for its first call to be enqueued. A call
/// does for any batch. A sleep of the device, somewhat longer than a call takes the host, does
/// where the GPU is the limit, and is as far ahead as a loop's host soon is there; where the host
/// is the limit, the GPU would come to the first event too late. Nothing by default.
struct Lead {
  bool call = false;
  double sleep_us = 0;
};

/// Makes `calls` calls (at least 1), spread evenly over `samples` samples (at least 1, at most
/// `calls`), and times them: on CUDA by events on the current stream, recorded without waiting and
/// read after one synchronisation at the end, so that the time is the GPU's wherever the GPU is the
/// limit and the host's elsewhere; on the CPU by steady_clock. An event costs 1.3 us: samples of
/// 300 us keep that under half a percent. Exceptions of the calls pass through.
TimedBatch time_batch(c10::Device device, const std::function<at::Tensor()>& call,
                      std::int64_t calls, std::int64_t samples = 1, Lead lead = {});

}  // namespace mhabench
