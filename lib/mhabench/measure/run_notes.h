#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "mhabench/measure/phases.h"

namespace mhabench {

/// What the rows of a run leave for the rows after them and for the end of the run.
struct RunNotes {
  PhaseTimes phases;
  std::string kernel_lines;  ///< of the file of kernels: a line for each row traced

  /// An error that the device does not recover from, on one line.
  std::optional<std::string> lost_device;

  /// Rows whose output was seen, by this process or by one that it goes on for, so that another
  /// row's can be held against it.
  std::unordered_set<std::string> seen_outputs;

  /// Whether the last row of a path waited for the GPU in its calls, as its next one then will.
  std::unordered_map<std::string, bool> waits;
};

}  // namespace mhabench
