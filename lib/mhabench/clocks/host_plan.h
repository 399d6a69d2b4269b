#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace mhabench {

/// What a call costs the host.
struct HostTime {
  double us = 0;       ///< median, until the call returns
  bool syncs = false;  ///< the call waits for the GPU
};

/// Calls that were made in a row behind a sleep of the device, until it was over or all were made.
struct CallsBehindSleep {
  std::vector<double> us;        ///< until each returned; at least one
  std::size_t within_sleep = 0;  ///< that returned before it was over
};

/// The two ways to make calls for their host time. The device is idle before and after each.
struct HostProbes {
  std::function<CallsBehindSleep(double sleep_us, std::size_t calls)> behind_sleep;
  std::function<double()> on_idle_stream;  ///< us until it returned
};

/// What a call costs the host, by calls behind a sleep that the host should be done before.
/// `most_us`: what a call takes the host at most, as far as is known.
///
/// A call that waits for the GPU returns after every sleep, so that one which returned before tells
/// that the call does not wait. But one that does not may still return after the sleep, where the
/// host is slower than `most_us` said or slow for once. So where the first call outlasts the sleep,
/// a call on an idle stream tells what the host takes in truth, waiting or not, and another sleep,
/// longer than either, tells whether the call waits: if it does not, the times behind that sleep
/// count; if it does, those on an idle stream, which hold what it waits for of its own work.
///
/// Of a call that is expected to wait (`likely_waits`), as one like it was seen to, the first sleep
/// is left out: what is told of it rests on the second one all the same.
///
/// The median of up to three calls, fewer where they take long, one of which may have outlasted the
/// sleep: of two, one of them slow for once, it is their mean.
HostTime host_time(const HostProbes& probes, double most_us, bool likely_waits = false);

}  // namespace mhabench
