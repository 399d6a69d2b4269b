#pragma once

#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <nlohmann/json_fwd.hpp>

#include "bench/cli/options.h"
#include "mhabench/config/grid.h"
#include "mhabench/device/device_state.h"
#include "mhabench/peaks/peaks.h"

namespace mhabench::bench {

/// What is true of the whole run and decides what its rows mean: device, driver, libraries, CPU,
/// settings of reduced precision, the grid, the seed, the program, the flags that say how rows are
/// measured. Keys that are unknown are absent.
nlohmann::ordered_json run_context(c10::Device device, const Grid& grid, const Options& options,
                                   const std::vector<std::string>& command_line);

/// A GPU's clocks, heat and power at one time: sm_mhz, temperature_celsius, power_watts,
/// power_limit_watts. What is unknown is absent.
nlohmann::ordered_json state_context(const DeviceState& state);

/// The measured rates behind the rows' floors, each with its unit and source, and the device's
/// published ones; null if no row asked for any.
nlohmann::ordered_json peaks_context(const PeakMeter& meter);

}  // namespace mhabench::bench
