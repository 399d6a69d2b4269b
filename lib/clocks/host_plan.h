#pragma once

#include <functional>

namespace mhabench {

/// What a call costs the host.
struct HostTime {
  double us = 0;       ///< median, until the call returns
  bool syncs = false;  ///< the call waits for the GPU
};

/// A call that was put behind a sleep of the device.
struct CallBehindSleep {
  double us = 0;                ///< until it returned
  bool sleep_was_over = false;  ///< by then
};

/// The two ways to make a call for its host time. The device is idle before and after each.
struct HostProbes {
  std::function<CallBehindSleep(double sleep_us)> behind_sleep;
  std::function<double()> on_idle_stream;  ///< us until it returned
};

/// What a call costs the host, by calls behind sleeps that the host should be done before.
/// `most_us`: what a call takes the host at most, as far as is known.
///
/// A call that does not wait for the GPU may still return after the sleep, where the host is slower
/// than `most_us` said or slow for once. One that does wait returns after every sleep. So where a
/// call outlasts a sleep, calls on an idle stream tell what the host takes in truth, waiting or
/// not, and another sleep, longer than that, tells whether the call waits: if it does not, the
/// times behind that sleep count; if it does, those on the idle stream, which hold what it waits
/// for of its own work.
///
/// Of a call that is expected to wait (`likely_waits`), as one like it was seen to, the first sleep
/// is left out: what is told of it rests on the second one all the same.
///
/// Of up to three calls each, fewer where they take long.
HostTime host_time(const HostProbes& probes, double most_us, bool likely_waits = false);

}  // namespace mhabench
