#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "mhabench/compare/noise.h"
#include "mhabench/compare/runs.h"

namespace mhabench {

/// How runs of one build scatter (A/A), kept for comparisons that have one run a side.
struct NoiseModel {
  std::string gpu_name;  ///< empty for runs on a CPU
  std::size_t runs = 0;
  std::map<Clock, NoiseGroups> clocks;
};

/// From at least 2 runs of one build. Throws InputError where there are fewer, or no group of
/// rows is large enough to tell (see Noise::kFewestRows).
NoiseModel calibrated(const Runs& runs, std::string gpu_name);

/// JSON: by clock, for each path as a whole and each of its decades of time, the standard deviation
/// of what a run has in common and of what is left to each row, as shares of the time, each with
/// its degrees of freedom.
std::string noise_model_json(const NoiseModel& model);

/// Reads that. Throws InputError, one line with the file and the place.
NoiseModel read_noise_model(const std::filesystem::path& path);
NoiseModel parse_noise_model(std::string_view text, const std::string& name);

}  // namespace mhabench
