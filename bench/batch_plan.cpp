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
constexpr std::int64_t kFewestPilotSamples = 3;
// 8 blocks of 3: where neighbouring samples are correlated, no interval can be had of fewer.
constexpr std::int64_t kSamples = 24;
// Of calls too long for that. An interval needs 8 samples, and of 10 covers 93 % where neighbours
// have a correlation of 0.5 (of 9: 92 %). The host scatters more.
constexpr std::int64_t kFewestSamples = 10;
constexpr std::int64_t kFewestSamplesOfHost = 20;

// However long they take, unless the ceiling is strict.
std::int64_t fewest_samples(double sample_us, bool host_limited, const BatchPolicy& policy) {
  const double of_host_us = static_cast<double>(kFewestSamplesOfHost) * sample_us;
  return host_limited && of_host_us <= 2 * policy.max_us ? kFewestSamplesOfHost : kFewestSamples;
}

}  // namespace

std::int64_t calls_per_sample(double us_per_call) {
  constexpr double kShortestUs = 0.1;
  const double sample_us = us_per_call < kShortCallUs ? kSampleOfShortCallsUs : kSampleUs;
  return static_cast<std::int64_t>(std::ceil(sample_us / std::max(us_per_call, kShortestUs)));
}

std::int64_t pilot_samples(double us_per_sample, const BatchPolicy& policy) {
  const auto samples =
      static_cast<std::int64_t>(std::min(kPilotUs / us_per_sample, kMostPilotSamples));
  return std::max(samples < kFewestPilotSamples ? 0 : samples, policy.pilot_samples);
}

std::int64_t planned_calls(const Pilot& pilot, const BatchPolicy& policy) {
  SamplePlan plan;
  plan.scatter = relative_scatter(pilot.sample_us);
  plan.pilot_size = pilot.sample_us.size();
  plan.precision = pilot.host_limited ? policy.host_precision : policy.gpu_precision;
  plan.sample_us = pilot.us_per_call * static_cast<double>(pilot.calls_per_sample);
  const std::int64_t fewest = fewest_samples(plan.sample_us, pilot.host_limited, policy);
  plan.max_us = policy.max_us;
  if (!policy.strictly) {
    plan.max_us = std::max(plan.max_us, static_cast<double>(fewest) * plan.sample_us);
  }
  plan.min_us = policy.min_us;
  const bool has_room = static_cast<double>(kSamples) * plan.sample_us <= plan.max_us;
  plan.at_least = has_room ? kSamples : fewest;
  return samples_for(plan) * pilot.calls_per_sample;
}

}  // namespace mhabench::bench
