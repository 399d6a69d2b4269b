#include "bench/batch_plan.h"

#include <algorithm>
#include <cmath>

#include "mhabench/clocks/statistics.h"

namespace mhabench::bench {
namespace {

// A tenth above the least that a sample should take, since calls of a pilot may be slow ones.
constexpr double kSampleUs = 220;
// Of short calls there are many in any sample; what an event costs is more to them.
constexpr double kShortCallUs = 50;
constexpr double kSampleOfShortCallsUs = 300;
constexpr double kPilotUs = 1'000;
constexpr double kMostPilotSamples = 12;
// An interval needs 8 blocks, and calls that drift a little leave no interval to so few.
constexpr std::int64_t kFewestSamples = 12;
// The host is slow for some ms at a time: 8 blocks of 3, where the ceiling leaves room for them.
constexpr std::int64_t kFewestSamplesOfHost = 24;

}  // namespace

std::int64_t calls_per_sample(double us_per_call) {
  constexpr double kShortestUs = 0.1;
  const double sample_us = us_per_call < kShortCallUs ? kSampleOfShortCallsUs : kSampleUs;
  return static_cast<std::int64_t>(std::ceil(sample_us / std::max(us_per_call, kShortestUs)));
}

std::int64_t pilot_samples(double us_per_sample, const BatchPolicy& policy) {
  const double samples = std::min(kPilotUs / us_per_sample, kMostPilotSamples);
  return std::max(static_cast<std::int64_t>(samples), policy.pilot_samples);
}

std::int64_t planned_calls(const Pilot& pilot, const BatchPolicy& policy) {
  SamplePlan plan;
  plan.scatter = relative_scatter(pilot.sample_us);
  plan.pilot_size = pilot.sample_us.size();
  plan.precision = pilot.host_limited ? policy.host_precision : policy.gpu_precision;
  plan.sample_us = pilot.us_per_call * static_cast<double>(pilot.calls_per_sample);
  plan.max_us = policy.max_us;
  if (!policy.strictly) {
    plan.max_us = std::max(plan.max_us, static_cast<double>(kFewestSamples) * plan.sample_us);
  }
  plan.min_us = policy.min_us;
  plan.at_least = pilot.host_limited ? kFewestSamplesOfHost : kFewestSamples;
  return samples_for(plan) * pilot.calls_per_sample;
}

}  // namespace mhabench::bench
