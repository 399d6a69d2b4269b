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

/// Why a configuration cannot fit, told before anything of it is made: its lengths on the host, or
/// one padded batch and the weights on the device. Nothing where they do; a path's own memory is
/// not counted.
std::optional<std::string> why_too_large(const MhaConfig& config, const Room& room);

/// Of its lengths alone.
std::optional<std::string> why_lengths_too_large(const MhaConfig& config, const Room& room);

/// Rows that are too large fail alone; throws InputError where there are rows and all of them are.
void check_any_fits(const std::vector<PlannedRow>& rows, const Room& room);

}  // namespace mhabench::bench
