#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "mhabench/device/nvml.h"

namespace mhabench {

/// What a row has to say of the GPU's clocks. Absent is unknown.
struct ClockState {
  std::chrono::steady_clock::time_point at;
  std::optional<double> sm_mhz;  ///< now: read it while the GPU works, an idle one clocks down
  nvml::ViolationTimes held_back;
};

/// What the file's context says at the start and at the end.
struct DeviceState {
  ClockState clocks;
  std::optional<double> temperature_celsius, power_watts, power_limit_watts;
};

/// Two calls of NVML, for use before and after each row; five for read_state(). NVIDIA documents no
/// durations; users of pynvml report 0.1 ms for four readings (GeForce RTX 5080) and 0.4 ms for one
/// (Tesla K40). Neither waits for the GPU's work, but both take the host's time: never call them in
/// a timed batch.
ClockState read_clocks(const nvml::Gpu& gpu);
DeviceState read_state(const nvml::Gpu& gpu);

/// The share (0 to 1) of the time between two readings in which the GPU's clocks were held back by
/// the power limit, by temperature, or by the voltage that the board's reliability allows: the sum
/// of the three counters' growth over the time, at most 1 where they overlap. Not counted: low
/// utilisation, which is the program's own, sync boost and the board's limit. Absent where the
/// power's or the temperature's counter is unknown or ran backwards, or no time passed; an unknown
/// reliability counts as none.
///
/// The driver counts in steps, of 100 ms by others' reports: a share of less time than that is near
/// 0 or 1 and right only on average over rows.
std::optional<double> throttled_share(const ClockState& before, const ClockState& after);

/// How long to wait for the clock, and for what.
struct Cooldown {
  /// The die is to be cooler than that, such as 10 degrees above its temperature at the start;
  /// absent where temperature does not matter.
  std::optional<double> below_celsius;
  std::chrono::milliseconds at_most{30000};
  std::chrono::milliseconds between_readings{100};
};

enum class CooldownEnd {
  calm,       ///< nothing holds the clock back
  timed_out,  ///< something still does
  unknown     ///< the GPU does not tell: nothing was waited for
};

struct CooldownResult {
  CooldownEnd end = CooldownEnd::unknown;
  std::chrono::nanoseconds waited{0};
};

/// A clock and a sleep, so that tests need not wait.
struct Waiting {
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::nanoseconds)> sleep;
};

/// steady_clock and this thread's sleep.
Waiting real_waiting();

/// Waits until the clock comes back: in two readings, one after the other, no power or thermal
/// reason (nvmlClocksEventReasons) holds it back and the die is cool enough. Two, because the
/// driver renews both some time after the work that caused them. Of reasons and temperature the
/// known ones count. The GPU idles meanwhile: warm up after it.
CooldownResult wait_for_clock(const nvml::Gpu& gpu, const Cooldown& cooldown,
                              const Waiting& waiting = real_waiting());

}  // namespace mhabench
