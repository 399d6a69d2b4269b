#include "mhabench/measure/batch_plan.h"

#include <algorithm>
#include <cmath>

#include "mhabench/base/statistics.h"

namespace mhabench {
namespace {

// A tenth above the least that a sample should take, since calls of a pilot may be slow ones.
constexpr double kSampleUs = 220;
// Of short calls there are many in any sample; what an event costs is more to them.
constexpr double kShortCallUs = 50;
constexpr double kSampleOfShortCallsUs = 300;
constexpr double kPilotUs = 1'000;
constexpr double kMostPilotSamples = 12;
constexpr std::int64_t kFewestPilotSamples = 2;
// An interval needs 8 samples, and of 10 covers 93 % where neighbours have a correlation of 0.5 (of
// 9: 92 %).
constexpr std::int64_t kFewestSamples = 10;
// The host is slow for some ms at a time, and scatters more: 8 blocks of 3, or nearly.
constexpr std::int64_t kSamplesOfHost = 24;
constexpr std::int64_t kFewestSamplesOfHost = 20;

std::int64_t fewest_samples(double sample_us, bool host_limited, const BatchPolicy& policy) {
  const auto fit = [&](std::int64_t samples, double us) {
    return static_cast<double>(samples) * sample_us <= us;
  };
  if (host_limited && fit(kSamplesOfHost, policy.max_us)) return kSamplesOfHost;
  if (host_limited && fit(kFewestSamplesOfHost, 2 * policy.max_us)) return kFewestSamplesOfHost;
  return kFewestSamples;
}

}  // namespace

std::int64_t calls_per_sample(double us_per_call) {
  constexpr double kShortestUs = 0.1;
  const double sample_us = us_per_call < kShortCallUs ? kSampleOfShortCallsUs : kSampleUs;
  return static_cast<std::int64_t>(std::ceil(sample_us / std::max(us_per_call, kShortestUs)));
}

std::int64_t pilot_samples(const Pilot& one_call, const BatchPolicy& policy) {
  const double sample_us = one_call.us_per_call * static_cast<double>(one_call.calls_per_sample);
  auto samples = static_cast<std::int64_t>(std::min(kPilotUs / sample_us, kMostPilotSamples));
  if (samples == 1) samples = one_call.host_limited ? kFewestPilotSamples : 0;
  return std::max(samples, policy.pilot_samples);
}

std::int64_t planned_calls(const Pilot& pilot, const BatchPolicy& policy) {
  SamplePlan plan;
  plan.scatter = relative_scatter(pilot.sample_us);
  plan.pilot_size = pilot.sample_us.size();
  plan.precision = pilot.host_limited ? policy.host_precision : policy.gpu_precision;
  plan.sample_us = pilot.us_per_call * static_cast<double>(pilot.calls_per_sample);
  plan.at_least = fewest_samples(plan.sample_us, pilot.host_limited, policy);
  plan.max_us = policy.max_us;
  if (!policy.strictly) {
    plan.max_us = std::max(plan.max_us, static_cast<double>(plan.at_least) * plan.sample_us);
  }
  plan.min_us = policy.min_us;
  return samples_for(plan) * pilot.calls_per_sample;
}

}  // namespace mhabench
