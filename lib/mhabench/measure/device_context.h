#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <c10/core/Device.h>

#include "mhabench/check/scratch.h"
#include "mhabench/clocks/kernel_trace.h"
#include "mhabench/device/device_state.h"
#include "mhabench/device/nvml.h"
#include "mhabench/measure/canaries.h"
#include "mhabench/measure/needs.h"
#include "mhabench/peaks/peaks.h"

namespace mhabench {

/// What is measured beside the event clock's time.
struct ClockSettings {
  bool trace = true;          ///< kernels, on a GPU
  bool cooldown = false;      ///< wait before a row until nothing holds the GPU's clock back
  bool keep_kernels = false;  ///< for a file of each row's kernels
  std::optional<PeakRates> peaks = {};  ///< of the device; measured if absent
  std::optional<double> canary_s = {};  ///< seconds between canaries, at least; absent: none
};

/// The GPU's clocks at the start of a row and at its end.
struct RowClocks {
  ClockState before, now;
};

/// The device that rows run on, and what is known of it: clocks, heat, rates, memory at the start.
class DeviceContext {
 public:
  /// Throws c10::Error if the device cannot be used.
  DeviceContext(c10::Device device, const ClockSettings& settings);
  DeviceContext(const DeviceContext&) = delete;
  DeviceContext& operator=(const DeviceContext&) = delete;

  c10::Device device() const { return device_; }
  std::size_t l2_bytes() const { return l2_bytes_; }  ///< 0 on the CPU
  const Room& room() const { return room_; }          ///< when this was made

  /// The GPU's clocks now, and those of the last call. Reading them takes the host about 1 ms, so
  /// the end of one row is the start of the next.
  RowClocks read_clocks_again();

  /// The GPU's clocks, heat and power now; all absent on the CPU.
  DeviceState state() const { return read_state(gpu_); }

  /// Waits until nothing holds the GPU's clock back, if the settings ask for that.
  void cool_down() const;

  /// Absent if kernels cannot be traced; why_no_trace() says why, and is empty if nobody asked.
  std::optional<KernelTracer>& tracer() { return tracer_; }
  const std::string& why_no_trace() const { return why_no_trace_; }

  /// Absent if the settings ask for none.
  std::optional<Canaries>& canaries() { return canaries_; }

  /// The device's rates, measured when the first row of a dtype asks.
  PeakMeter& peaks() { return peaks_; }
  ScratchMemory& scratch() { return scratch_; }

 private:
  void start_tracer();
  void keep_a_canary(double every_s);

  c10::Device device_;
  bool cools_down_;
  std::size_t l2_bytes_ = 0;
  nvml::Gpu gpu_;
  ClockState last_clocks_;
  std::optional<double> calm_celsius_;
  std::optional<KernelTracer> tracer_;
  std::string why_no_trace_;
  PeakMeter peaks_;
  Room room_;
  std::optional<Canaries> canaries_;
  ScratchMemory scratch_;
};

}  // namespace mhabench
