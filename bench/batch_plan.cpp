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
// Where each takes longer than a pilot: all of them together scatter by less than the precision.
constexpr std::int64_t kFewestLongSamples = 9;
// The host is slow for some ms at a time: 8 blocks of 3, where the ceiling leaves room for them.
constexpr std::int64_t kFewestSamplesOfHost = 24;

std::int64_t fewest_samples(double us_per_sample) {
  return us_per_sample > kPilotUs ? kFewestLongSamples : kFewestSamples;
}

}  // namespace

std::int64_t calls_per_sample(double us_per_call) {
  constexpr double kShortestUs = 0.1;
  const double sample_us = us_per_call < kShortCallUs ? kSampleOfShortCallsUs : kSampleUs;
  return static_cast<std::int64_t>(std::ceil(sample_us / std::max(us_per_call, kShortestUs)));
}

std::int64_t pilot_samples(double us_per_sample) {
  return static_cast<std::int64_t>(std::min(kPilotUs / us_per_sample, kMostPilotSamples));
}

std::int64_t planned_calls(const Pilot& pilot, const BatchPolicy& policy) {
  SamplePlan plan;
  plan.scatter = relative_scatter(pilot.sample_us);
  plan.pilot_size = pilot.sample_us.size();
  plan.precision = pilot.host_limited ? policy.host_precision : policy.gpu_precision;
  plan.sample_us = pilot.us_per_call * static_cast<double>(pilot.calls_per_sample);
  plan.max_us = policy.max_us;
  const std::int64_t fewest = fewest_samples(plan.sample_us);
  if (!policy.strictly) {
    plan.max_us = std::max(plan.max_us, static_cast<double>(fewest) * plan.sample_us);
  }
  plan.min_us = policy.min_us;
  plan.at_least = pilot.host_limited ? kFewestSamplesOfHost : fewest;
  return samples_for(plan) * pilot.calls_per_sample;
}

}  // namespace mhabench::bench
