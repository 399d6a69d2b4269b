#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mhabench/config/config.h"
#include "mhabench/paths/path.h"

namespace mhabench::bench {

/// A row to be run: a configuration on a path.
struct PlannedRow {
  std::string name;  ///< as registered; Google Benchmark appends "/manual_time"
  const Path* path = nullptr;
  MhaConfig config;

  /// As Google Benchmark lists and filters it.
  std::string full_name() const { return name + "/manual_time"; }
};

/// The index of each row's configuration, from 0: rows of one stand side by side.
std::vector<std::size_t> configurations_of(const std::vector<PlannedRow>& rows);

}  // namespace mhabench::bench
