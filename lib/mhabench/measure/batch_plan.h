#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace mhabench {

/// How long a row is timed.
struct BatchPolicy {
  double gpu_precision = 0.02;   ///< relative half width of the median's interval, to be reached
  double host_precision = 0.05;  ///< the same where the host is the limit, which scatters more
  double max_us = 7'500;         ///< ceiling of a batch's time
  bool strictly = false;         ///< the ceiling holds even where calls are so long that too few of
                                 ///< them are left for an interval
  std::int64_t pilot_samples = 0;       ///< at least, of calls however long: few tell no scatter
  double min_us = 0;                    ///< floor, where one was asked for; beats the ceiling
  std::optional<std::int64_t> exactly;  ///< calls, where they were asked for: nothing is planned
};

/// What a few calls told before the batch.
struct Pilot {
  double us_per_call = 0;
  std::int64_t calls_per_sample = 1;
  std::vector<double> sample_us;  ///< mean time of a call in each sample
  bool host_limited = false;      ///< enqueueing took nearly all of the time
  double enqueue_us = 0;          ///< that a call took the host
};

/// Calls a sample, so that it takes 220 us: an event costs the host 1.3 us, 0.6 % of that, and the
/// shorter the samples, the more of them tell how the batch scatters. 300 us of calls under 50 us.
std::int64_t calls_per_sample(double us_per_call);

/// Samples of a pilot, by one call before it: some 1 ms of them, and at least policy.pilot_samples.
/// The first does not count. So by default there are none where 1 ms does not hold two: calls that
/// long scatter little, and a loop of them is seldom much quicker than one was. Where the host is
/// the limit it may be, the host having been slow for once: there two of up to 1 ms each are made.
std::int64_t pilot_samples(const Pilot& one_call, const BatchPolicy& policy);

/// The number of calls of the timed batch, fixed before it: as many samples as samples_for() plans
/// from the pilot's scatter, short of the ceiling, and at least 10 unless that holds strictly.
/// Where the host is the limit at least 24 if they fit into the ceiling, and 20 if they fit into
/// twice as much.
std::int64_t planned_calls(const Pilot& pilot, const BatchPolicy& policy);

}  // namespace mhabench
