#pragma once

#include <optional>
#include <string>

#include <c10/core/Device.h>

#include "mhabench/config/config.h"

namespace mhabench {

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

}  // namespace mhabench
