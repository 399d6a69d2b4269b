#include "mhabench/device/device_state.h"

#include <algorithm>
#include <cstdint>
#include <thread>

namespace mhabench {
namespace {

using Clock = std::chrono::steady_clock;
using Count = std::optional<std::uint64_t>;

std::optional<double> growth(const Count& before, const Count& after) {
  if (!before || !after || *after < *before) return std::nullopt;
  return static_cast<double>(*after - *before);
}

constexpr std::uint64_t kHeldBack = nvml::kSwPowerCap | nvml::kHwSlowdown |
                                    nvml::kSwThermalSlowdown | nvml::kHwThermalSlowdown |
                                    nvml::kHwPowerBrakeSlowdown;

// Absent where neither reasons nor a temperature that matters are known.
std::optional<bool> calm(const nvml::Gpu& gpu, const std::optional<double>& below_celsius) {
  const auto reasons = gpu.event_reasons();
  const auto celsius = below_celsius ? gpu.temperature_celsius() : std::nullopt;
  if (!reasons && !celsius) return std::nullopt;
  const bool free = !reasons || (*reasons & kHeldBack) == 0;
  const bool cool = !celsius || *celsius < *below_celsius;
  return free && cool;
}

}  // namespace

ClockState read_clocks(const nvml::Gpu& gpu) {
  const auto mhz = gpu.sm_mhz();
  return {Clock::now(), mhz, gpu.violation_times()};
}

DeviceState read_state(const nvml::Gpu& gpu) {
  return {read_clocks(gpu), gpu.temperature_celsius(), gpu.power_watts(), gpu.power_limit_watts()};
}

std::optional<double> throttled_share(const ClockState& before, const ClockState& after) {
  const std::chrono::duration<double, std::nano> elapsed = after.at - before.at;
  const auto power = growth(before.held_back.power, after.held_back.power);
  const auto thermal = growth(before.held_back.thermal, after.held_back.thermal);
  if (!power || !thermal || elapsed.count() <= 0) return std::nullopt;
  const auto reliability = growth(before.held_back.reliability, after.held_back.reliability);
  return std::min(1.0, (*power + *thermal + reliability.value_or(0)) / elapsed.count());
}

Waiting real_waiting() {
  return {&Clock::now,
          [](std::chrono::nanoseconds duration) { std::this_thread::sleep_for(duration); }};
}

CooldownResult wait_for_clock(const nvml::Gpu& gpu, const Cooldown& cooldown,
                              const Waiting& waiting) {
  constexpr int kReadings = 2;
  const Clock::time_point start = waiting.now();
  for (int calm_readings = 0;;) {
    const std::optional<bool> reading = calm(gpu, cooldown.below_celsius);
    const std::chrono::nanoseconds waited = waiting.now() - start;
    if (!reading) return {CooldownEnd::unknown, waited};
    calm_readings = *reading ? calm_readings + 1 : 0;
    if (calm_readings == kReadings) return {CooldownEnd::calm, waited};
    const std::chrono::nanoseconds left = cooldown.at_most - waited;
    if (left.count() <= 0) return {CooldownEnd::timed_out, waited};
    waiting.sleep(std::min<std::chrono::nanoseconds>(cooldown.between_readings, left));
  }
}

}  // namespace mhabench
