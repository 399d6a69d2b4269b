#include "mhabench/clocks/nvml.h"

#include <array>
#include <dlfcn.h>
#include <memory>

namespace mhabench::nvml {
namespace {

using Device = void*;
constexpr int kSuccess = 0;

// The functions in use, by the names and signatures of NVML's stable interface. The library stays
// open to the end: it is asked again with each run's context, and starting it takes milliseconds.
class Library {
 public:
  Library() : handle_(dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL)) {
    if (handle_ == nullptr) return;
    auto* const init = find<int()>("nvmlInit_v2");
    driver_version_ = find<int(char*, unsigned)>("nvmlSystemGetDriverVersion");
    device_at_ = find<int(const char*, Device*)>("nvmlDeviceGetHandleByPciBusId_v2");
    power_limit_ = find<int(Device, unsigned*)>("nvmlDeviceGetEnforcedPowerLimit");
    ready_ = init != nullptr && init() == kSuccess;
  }

  static const Library& get() {
    static const Library library;
    return library;
  }

  std::optional<std::string> driver_version() const {
    std::array<char, 96> text{};
    if (!ready_ || driver_version_ == nullptr ||
        driver_version_(text.data(), static_cast<unsigned>(text.size())) != kSuccess) {
      return std::nullopt;
    }
    return std::string(text.data());
  }

  std::optional<double> power_limit_watts(const std::string& pci_bus_id) const {
    Device device = nullptr;
    unsigned milliwatts = 0;
    if (!ready_ || device_at_ == nullptr || power_limit_ == nullptr ||
        device_at_(pci_bus_id.c_str(), &device) != kSuccess ||
        power_limit_(device, &milliwatts) != kSuccess) {
      return std::nullopt;
    }
    return milliwatts / 1000.0;
  }

 private:
  template <typename Function>
  Function* find(const char* name) const {
    return reinterpret_cast<Function*>(dlsym(handle_, name));
  }

  void* handle_;
  int (*driver_version_)(char*, unsigned) = nullptr;
  int (*device_at_)(const char*, Device*) = nullptr;
  int (*power_limit_)(Device, unsigned*) = nullptr;
  bool ready_ = false;
};

}  // namespace

std::optional<std::string> driver_version() { return Library::get().driver_version(); }

std::optional<double> power_limit_watts(const std::string& pci_bus_id) {
  return Library::get().power_limit_watts(pci_bus_id);
}

}  // namespace mhabench::nvml
