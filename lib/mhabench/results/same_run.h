#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace mhabench {

/// Where the contexts of two results differ in what is true of every row: revision, device model,
/// library versions, precision, grid, lengths, seed, settings of the measurement. A line each,
/// "seed: 1, now 2". Command line, dates, clock states, the GPU's UUID and its index may differ.
std::vector<std::string> differences(const nlohmann::ordered_json& then,
                                     const nlohmann::ordered_json& now);

}  // namespace mhabench
