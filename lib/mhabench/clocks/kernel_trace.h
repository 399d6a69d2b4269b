#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "mhabench/clocks/kernel_records.h"

namespace mhabench {

/// Calls to trace for a row: a few more than the median's interval needs.
inline constexpr std::int64_t kTracedCalls = 8;

/// Traces what calls make a device do. Tracing is on during trace() alone.
///
/// Make one before the first CUDA graph: CUPTI follows the kernels of a graph with certainty only
/// where it was attached when the graph was made. Attaching takes some tens of milliseconds, once
/// in a process, and lasts to its end.
class KernelTracer {
 public:
  explicit KernelTracer(c10::Device device);

  /// Why nothing can be traced, on one line; absent where it can. Found out by a trace of nothing.
  const std::optional<std::string>& unavailable() const { return unavailable_; }

  /// Makes `calls` calls one after the other, as a loop of them would, with a marker between them
  /// on the device's current stream, and tells what each made the GPU do. Where the records cannot
  /// be relied on, or work of a call on another stream goes on beside a marker, all is done once
  /// more with the device idle between the calls, before that is reported as the trace's problem.
  /// Exceptions of the calls pass through.
  KernelTrace trace(const std::function<at::Tensor()>& call, std::int64_t calls = kTracedCalls);

 private:
  enum class Between { nothing, idleness };

  KernelTrace trace_once(const std::function<at::Tensor()>& call, std::int64_t calls,
                         Between between);
  void mark(Between between);

  c10::Device device_;
  at::Tensor marker_;  // what the markers set
  std::optional<std::string> unavailable_;
};

}  // namespace mhabench
