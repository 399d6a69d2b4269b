#include "mhabench/measure/device_context.h"

#include "mhabench/clocks/canary.h"
#include "mhabench/device/device.h"

namespace mhabench {

DeviceContext::DeviceContext(c10::Device device, const ClockSettings& settings)
    : device_(device),
      cools_down_(settings.cooldown),
      peaks_(device, settings.peaks),
      room_(room_on(device)),
      scratch_(device) {
  if (settings.canary_s) keep_a_canary(*settings.canary_s);
  if (!device.is_cuda()) return;
  const DeviceInfo info = describe(device);
  l2_bytes_ = static_cast<std::size_t>(info.l2_bytes.value_or(0));
  gpu_ = nvml::Gpu(info.uuid.value_or(""));
  calm_celsius_ = gpu_.temperature_celsius();
  last_clocks_ = read_clocks(gpu_);
  if (settings.trace) start_tracer();
}

void DeviceContext::start_tracer() {
  tracer_.emplace(device_);
  if (!tracer_->unavailable()) return;
  why_no_trace_ = *tracer_->unavailable();
  tracer_.reset();
}

// The clocks are read again behind it, so its time does not count for the next row.
void DeviceContext::keep_a_canary(double every_s) {
  const auto time_us = [this, canary = std::optional<Canary>()]() mutable {
    if (!canary) canary.emplace(device_);
    return canary->time_us();
  };
  canaries_.emplace(every_s, device_name(device_),
                    CanarySource{time_us, [this] { return read_clocks_again().now.sm_mhz; }});
}

RowClocks DeviceContext::read_clocks_again() {
  const RowClocks clocks{last_clocks_, read_clocks(gpu_)};
  last_clocks_ = clocks.now;
  return clocks;
}

void DeviceContext::cool_down() const {
  constexpr double kDegreesAboveStart = 10;
  if (!cools_down_) return;
  Cooldown cooldown;
  if (calm_celsius_) cooldown.below_celsius = *calm_celsius_ + kDegreesAboveStart;
  wait_for_clock(gpu_, cooldown);
}

}  // namespace mhabench
