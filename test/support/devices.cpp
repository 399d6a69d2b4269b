#include "support/devices.h"

#include "mhabench/device/device.h"

namespace mhabench::test {

const std::vector<c10::Device>& all_devices() {
  static const std::vector<c10::Device> devices{c10::Device(c10::kCPU), c10::Device(c10::kCUDA, 0)};
  return devices;
}

std::optional<std::string> cannot_use(c10::Device device) {
  if (device.is_cpu()) return std::nullopt;
  static const CudaState cuda = probe_cuda();
  if (device.index() < cuda.devices) return std::nullopt;
  return cuda.devices == 0 ? cuda.reason : "there is no GPU " + std::to_string(device.index());
}

std::string kind_name(c10::Device device) { return device.is_cpu() ? "cpu" : "cuda"; }

}  // namespace mhabench::test
