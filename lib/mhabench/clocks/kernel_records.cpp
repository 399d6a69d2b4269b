#include "mhabench/clocks/kernel_records.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "mhabench/base/statistics.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

constexpr std::array<std::pair<RecordKind, std::string_view>, 4> kKinds{{
    {RecordKind::kernel, "kernel"},
    {RecordKind::copy, "copy"},
    {RecordKind::set, "set"},
    {RecordKind::marker, "marker"},
}};

bool is_marker(const KernelRecord& record) { return record.kind == RecordKind::marker; }

// CUPTI leaves both times zero where it had no room to take them.
bool holds_no_time(const KernelRecord& record) {
  return record.start_ns <= 0 || record.end_ns < record.start_ns;
}

// Whether something goes on while a marker is set, of records by start.
bool goes_on_beside_a_marker(const std::vector<KernelRecord>& records) {
  std::int64_t works_until = 0;
  std::int64_t marks_until = 0;
  for (const KernelRecord& record : records) {
    const bool marks = is_marker(record);
    if (record.start_ns < (marks ? works_until : marks_until)) return true;
    std::int64_t& until = marks ? marks_until : works_until;
    until = std::max(until, record.end_ns);
  }
  return false;
}

// What makes it impossible to tell whose the records are, by start; empty where nothing does.
std::string problem_of(const std::vector<KernelRecord>& records, std::int64_t calls) {
  const auto count = [&](bool (*is)(const KernelRecord&)) {
    return static_cast<std::size_t>(std::count_if(records.begin(), records.end(), is));
  };
  const std::size_t untimed = count(holds_no_time);
  if (untimed > 0) return "the trace holds " + counted(untimed, "record") + " without a time";
  const std::size_t markers = count(is_marker);
  const auto made = static_cast<std::size_t>(calls);
  if (markers != made + 1) {
    return "the trace holds " + counted(markers, "marker") + " for " + counted(made, "call");
  }
  const bool outside = !is_marker(records.front()) || !is_marker(records.back());
  if (outside) return "the trace holds records of no call";
  return goes_on_beside_a_marker(records) ? "a call's work goes on beside the next call's" : "";
}

std::vector<double> over_calls(const std::vector<CallRecords>& calls,
                               double (*value)(const CallRecords&)) {
  std::vector<double> values;
  for (const CallRecords& call : calls) values.push_back(value(call));
  return values;
}

std::vector<std::string_view> kernel_names(const std::vector<CallRecords>& calls) {
  std::vector<std::string_view> names;
  for (const CallRecords& call : calls) {
    for (const KernelRecord& record : call) {
      if (record.kind == RecordKind::kernel) names.push_back(record.name);
    }
  }
  return names;
}

}  // namespace

std::string_view name_of(RecordKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(),
                      [&](const auto& entry) { return entry.first == kind; })
      ->second;
}

// Time tells them apart. Correlation ids would not do: before 13.1.1 CUPTI gives wrong ones to
// launches of CUDA graphs in all traces after the first.
KernelTrace tell_calls_apart(std::vector<KernelRecord> records, std::int64_t calls) {
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  KernelTrace trace;
  trace.problem = problem_of(records, calls);
  if (!trace.problem.empty()) return trace;
  for (KernelRecord& record : records) {
    if (is_marker(record)) {
      trace.calls.emplace_back();
    } else {
      trace.calls.back().push_back(std::move(record));
    }
  }
  trace.calls.pop_back();  // behind the last marker there is nothing
  return trace;
}

double busy_us(const CallRecords& call) {
  constexpr double kNanosecondsPerMicrosecond = 1000;
  std::int64_t busy_ns = 0;
  std::int64_t covered_until = 0;
  for (const KernelRecord& record : call) {
    busy_ns += std::max<std::int64_t>(record.end_ns - std::max(record.start_ns, covered_until), 0);
    covered_until = std::max(covered_until, record.end_ns);
  }
  return static_cast<double>(busy_ns) / kNanosecondsPerMicrosecond;
}

std::int64_t kernels_in(const CallRecords& call) {
  return std::count_if(call.begin(), call.end(), [](const KernelRecord& record) {
    return record.kind == RecordKind::kernel;
  });
}

TraceSummary summarize(const std::vector<CallRecords>& calls) {
  const std::vector<double> busy = over_calls(calls, busy_us);
  const auto kernels = [](const CallRecords& call) {
    return static_cast<double>(kernels_in(call));
  };
  TraceSummary summary;
  summary.busy_us = median(busy);
  const std::optional<Interval> interval = median_interval(busy);
  if (interval && summary.busy_us > 0) {
    summary.busy_ci = relative_half_width(*interval, summary.busy_us);
  }
  summary.kernels = median(over_calls(calls, kernels));
  summary.backend = backend_of(kernel_names(calls));
  return summary;
}

bool exceeds_event_time(double busy_us, double event_us) {
  constexpr double kAllowed = 1.02;
  return busy_us > kAllowed * event_us;
}

}  // namespace mhabench
