#pragma once

#include <optional>
#include <string>

namespace mhabench {

/// What NVIDIA's management library tells and CUDA does not. The library comes with the driver and
/// is loaded when first asked; on a machine without it everything is absent.
namespace nvml {

/// "580.159.04".
std::optional<std::string> driver_version();

/// The limit in force, in watts, of the GPU at a PCI address such as "0000:1b:00.0".
std::optional<double> power_limit_watts(const std::string& pci_bus_id);

}  // namespace nvml
}  // namespace mhabench
