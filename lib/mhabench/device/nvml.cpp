#include "mhabench/device/nvml.h"

#include <array>
#include <dlfcn.h>

namespace mhabench::nvml {
namespace {

template <typename Signature>
void find(void* library, const char* name, std::function<Signature>& function) {
  // An empty pointer makes an empty function.
  function = reinterpret_cast<Signature*>(dlsym(library, name));
}

Functions find_all(void* library) {
  Functions found;
  const auto take = [&](const char* name, auto& function) { find(library, name, function); };
  take("nvmlSystemGetDriverVersion", found.nvmlSystemGetDriverVersion);
  take("nvmlDeviceGetHandleByPciBusId_v2", found.nvmlDeviceGetHandleByPciBusId_v2);
  take("nvmlDeviceGetHandleByUUID", found.nvmlDeviceGetHandleByUUID);
  take("nvmlDeviceGetClockInfo", found.nvmlDeviceGetClockInfo);
  take("nvmlDeviceGetTemperatureV", found.nvmlDeviceGetTemperatureV);
  take("nvmlDeviceGetTemperature", found.nvmlDeviceGetTemperature);
  take("nvmlDeviceGetPowerUsage", found.nvmlDeviceGetPowerUsage);
  take("nvmlDeviceGetEnforcedPowerLimit", found.nvmlDeviceGetEnforcedPowerLimit);
  take("nvmlDeviceGetFieldValues", found.nvmlDeviceGetFieldValues);
  take("nvmlDeviceGetCurrentClocksEventReasons", found.nvmlDeviceGetCurrentClocksEventReasons);
  take("nvmlDeviceGetCurrentClocksThrottleReasons",
       found.nvmlDeviceGetCurrentClocksThrottleReasons);
  return found;
}

// The library stays open to the end: it is asked around every row, and starting it takes
// milliseconds.
Functions load() {
  void* const library = dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return {};
  std::function<int()> init;
  find(library, "nvmlInit_v2", init);
  return init && init() == kSuccess ? find_all(library) : Functions{};
}

template <typename... Parameters, typename... Arguments>
bool succeeds(const std::function<int(Parameters...)>& function, Arguments... arguments) {
  return function && function(arguments...) == kSuccess;
}

Handle handle_of(const std::string& id, const Functions& functions) {
  const auto& find_handle = id.starts_with("GPU-") ? functions.nvmlDeviceGetHandleByUUID
                                                   : functions.nvmlDeviceGetHandleByPciBusId_v2;
  Handle handle = nullptr;
  return succeeds(find_handle, id.c_str(), &handle) ? handle : nullptr;
}

std::optional<double> watts(const std::function<int(Handle, unsigned*)>& function, Handle handle) {
  constexpr double kMilliwattsPerWatt = 1000;
  unsigned milliwatts = 0;
  if (!succeeds(function, handle, &milliwatts)) return std::nullopt;
  return milliwatts / kMilliwattsPerWatt;
}

std::optional<std::uint64_t> count_in(const FieldValue& field) {
  if (field.status != kSuccess) return std::nullopt;
  switch (field.type) {
    case FieldValue::unsigned_int:
      return field.value.unsigned_int;
    case FieldValue::unsigned_long:
      return field.value.unsigned_long;
    case FieldValue::unsigned_long_long:
      return field.value.unsigned_long_long;
    case FieldValue::signed_long_long:
      return static_cast<std::uint64_t>(field.value.signed_long_long);
    default:
      return std::nullopt;  // no counter has these types
  }
}

}  // namespace

const Functions& library() {
  static const Functions functions = load();
  return functions;
}

std::optional<std::string> driver_version() {
  std::array<char, 96> text{};
  if (!succeeds(library().nvmlSystemGetDriverVersion, text.data(),
                static_cast<unsigned>(text.size()))) {
    return std::nullopt;
  }
  return std::string(text.data());
}

std::optional<double> power_limit_watts(const std::string& pci_bus_id) {
  return Gpu(pci_bus_id).power_limit_watts();
}

Gpu::Gpu(const std::string& id, const Functions& functions)
    : functions_(&functions), handle_(handle_of(id, functions)) {}

std::optional<double> Gpu::sm_mhz() const {
  unsigned mhz = 0;
  if (!known() || !succeeds(functions_->nvmlDeviceGetClockInfo, handle_, kSmClock, &mhz)) {
    return std::nullopt;
  }
  return mhz;
}

std::optional<double> Gpu::temperature_celsius() const {
  if (!known()) return std::nullopt;
  Temperature temperature;
  if (succeeds(functions_->nvmlDeviceGetTemperatureV, handle_, &temperature)) {
    return temperature.celsius;
  }
  unsigned celsius = 0;
  if (!succeeds(functions_->nvmlDeviceGetTemperature, handle_, kDieSensor, &celsius)) {
    return std::nullopt;
  }
  return celsius;
}

std::optional<double> Gpu::power_watts() const {
  return known() ? watts(functions_->nvmlDeviceGetPowerUsage, handle_) : std::nullopt;
}

std::optional<double> Gpu::power_limit_watts() const {
  return known() ? watts(functions_->nvmlDeviceGetEnforcedPowerLimit, handle_) : std::nullopt;
}

std::optional<std::uint64_t> Gpu::event_reasons() const {
  unsigned long long reasons = 0;
  const bool told =
      known() &&
      (succeeds(functions_->nvmlDeviceGetCurrentClocksEventReasons, handle_, &reasons) ||
       succeeds(functions_->nvmlDeviceGetCurrentClocksThrottleReasons, handle_, &reasons));
  return told ? std::optional<std::uint64_t>(reasons) : std::nullopt;
}

ViolationTimes Gpu::violation_times() const {
  if (!known()) return {};
  std::array<FieldValue, 3> fields;
  fields[0].field = kPowerField;
  fields[1].field = kThermalField;
  fields[2].field = kReliabilityField;
  if (!succeeds(functions_->nvmlDeviceGetFieldValues, handle_, static_cast<int>(fields.size()),
                fields.data())) {
    return {};
  }
  return {count_in(fields[0]), count_in(fields[1]), count_in(fields[2])};
}

}  // namespace mhabench::nvml
