#pragma once

#include <optional>

namespace mhabench {

/// The device that was asked for on the command line.
struct DeviceRequest {
  enum class Kind { automatic, cpu, cuda };

  Kind kind = Kind::automatic;
  std::optional<int> index;  ///< Of a CUDA device; absent means the first.

  friend bool operator==(const DeviceRequest&, const DeviceRequest&) = default;
};

}  // namespace mhabench
