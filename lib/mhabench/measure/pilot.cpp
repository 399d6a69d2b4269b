#include "mhabench/measure/pilot.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mhabench/base/statistics.h"

namespace mhabench {
namespace {

// Of a batch's time, by the number of its calls.
double host_share(double calls) {
  constexpr double kOfLongBatch = 0.9;
  constexpr double kCallsBehindTheHost = 0.3;
  return std::min(kOfLongBatch, calls / (calls + kCallsBehindTheHost));
}

}  // namespace

Pilot pilot_of(const TimedBatch& batch) {
  const auto calls = static_cast<double>(batch.calls);
  const std::ptrdiff_t waited = batch.sample_us.size() > 1 ? 1 : 0;
  Pilot pilot;
  pilot.sample_us.assign(batch.sample_us.begin() + waited, batch.sample_us.end());
  pilot.us_per_call = median(pilot.sample_us);
  pilot.calls_per_sample = calls_per_sample(pilot.us_per_call);
  pilot.host_limited = batch.enqueue_us > host_share(calls) * batch.total_us;
  pilot.enqueue_us = batch.enqueue_us / calls;
  return pilot;
}

Lead lead_of(const Pilot& pilot) {
  constexpr double kMargin = 1.5;
  constexpr double kFirstKernelUs = 50;  // from idle
  Lead lead;
  const double sleep_us = kMargin * pilot.enqueue_us + kFirstKernelUs;
  lead.call = pilot.host_limited || sleep_us >= pilot.us_per_call;
  if (!lead.call) lead.sleep_us = sleep_us;
  return lead;
}

// Calls that wait return when the one before them is done, or later: of five, four are over by the
// time that the last one is enqueued. Of a long batch the first samples tell: CUDA lets the host
// run some thousand kernels ahead, and then holds it.
std::optional<HostTime> host_time_in(const TimedBatch& batch, const Lead& lead) {
  constexpr std::int64_t kFewestCalls = 5;
  constexpr double kMostOfTotal = 0.75;
  constexpr std::size_t kSamples = 12;
  const bool tells = lead.sleep_us > 0 && batch.calls >= kFewestCalls &&
                     batch.enqueue_us < kMostOfTotal * batch.total_us;
  if (!tells) return std::nullopt;
  const std::span samples(batch.enqueue_sample_us);
  return HostTime{median(samples.first(std::min(samples.size(), kSamples))), false};
}

}  // namespace mhabench
