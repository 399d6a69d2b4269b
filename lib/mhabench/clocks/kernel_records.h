#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mhabench/clocks/kernel_names.h"

namespace mhabench {

/// What the GPU did. A marker is the tracer's own memory set between two calls.
enum class RecordKind { kernel, copy, set, marker };

/// "kernel", "copy", "set", "marker".
std::string_view name_of(RecordKind kind);

/// One thing that the GPU did, and when, by a clock that all records of a trace share.
struct KernelRecord {
  RecordKind kind = RecordKind::kernel;
  std::string name;  ///< a kernel's is mangled; else "memcpy HtoD", "memset"
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::uint32_t stream = 0;
  std::uint32_t correlation = 0;  ///< of the launch; all kernels of a CUDA graph's launch share it
};

/// What one call made the GPU do, by start; no markers.
using CallRecords = std::vector<KernelRecord>;

/// The calls of a trace.
struct KernelTrace {
  std::vector<CallRecords> calls;  ///< empty where there is a problem
  std::string problem;             ///< what went wrong, on one line; else empty
};

/// Tells the calls of a trace apart, given everything the GPU did from before the first marker to
/// after the last: one marker before each call and one after the last, all of them apart from the
/// calls in time. Records that are missing, that hold no time, that lie outside or go on beside a
/// marker are a problem. Work on another stream that the calls do not wait for, and that begins
/// only behind the next marker, is taken for the next call's.
KernelTrace tell_calls_apart(std::vector<KernelRecord> records, std::int64_t calls);

/// How long the GPU was at work for a call, on whatever streams: the length of the union of its
/// records' intervals. Zero for a call without records.
double busy_us(const CallRecords& call);

/// Kernels alone; copies and sets are busy time but no kernels.
std::int64_t kernels_in(const CallRecords& call);

/// What a row says of its trace.
struct TraceSummary {
  double busy_us = 0;             ///< median over the calls
  std::optional<double> busy_ci;  ///< relative half width of median_interval() over the calls;
                                  ///< absent for fewer than 6
  double kernels = 0;             ///< median over the calls
  std::optional<Backend> backend;
};

/// Sums up a trace of at least one call.
TraceSummary summarize(const std::vector<CallRecords>& calls);

/// Whether the GPU would have been busy for longer than the call took, by more than 2 %: a trace to
/// be made again, and flagged if it stays so.
bool exceeds_event_time(double busy_us, double event_us);

}  // namespace mhabench
