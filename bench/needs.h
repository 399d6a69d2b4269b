#pragma once

#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "bench/planned_row.h"
#include "mhabench/config/config.h"

namespace mhabench::bench {

/// Bytes that a configuration can have.
struct Room {
  double host = 0;
  double device = 0;
};

Room room_on(c10::Device device);

/// The reason a configuration cannot fit, found before anything is allocated: its lengths exceed
/// the host's memory, or one padded batch and the weights exceed the device's. Nothing if both fit.
/// The memory that a path needs for itself is not counted.
std::optional<std::string> why_too_large(const MhaConfig& config, const Room& room);

/// The same check for the lengths only.
std::optional<std::string> why_lengths_too_large(const MhaConfig& config, const Room& room);

/// Throws InputError if there are rows and none of them fits. If some fit, nothing is thrown: only
/// the rows that are too large fail, when they run.
void check_any_fits(const std::vector<PlannedRow>& rows, const Room& room);

}  // namespace mhabench::bench
