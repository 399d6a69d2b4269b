#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <nlohmann/json_fwd.hpp>

#include "mhabench/config/grid.h"

namespace mhabench::bench {

/// What is true of the whole run and decides what its rows mean: device, driver, libraries, CPU,
/// settings of reduced precision, the grid, the seed, the program. Keys that are unknown are
/// absent.
nlohmann::ordered_json suite_context(c10::Device device, const Grid& grid, std::uint64_t seed,
                                     const std::vector<std::string>& command_line);

}  // namespace mhabench::bench
