#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace mhabench::bench {

/// What a results file says of a device that workers ran rows on.
struct DeviceRecord {
  std::string name;  ///< "cuda:0"; empty until a worker said so
  std::string uuid;
  nlohmann::ordered_json state_at_start, state_at_end, peaks;  ///< null if unknown
  std::size_t rows = 0;

  /// Entries of the context by key, without those that are not known.
  std::vector<std::pair<std::string, nlohmann::ordered_json>> entries() const;
};

/// The list "devices" of the context: each with its name, its number of rows and its entries.
nlohmann::ordered_json devices_context(const std::vector<DeviceRecord>& devices);

}  // namespace mhabench::bench
