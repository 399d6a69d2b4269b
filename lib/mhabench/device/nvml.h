#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace mhabench {

/// What NVIDIA's management library tells and CUDA does not. The library comes with the driver and
/// is loaded when first asked; on a machine without it everything is absent. Its header does not
/// come with every toolkit, so what is used of it is declared here, with NVML's own names beside
/// it, after nvml.h of CUDA 13.
namespace nvml {

using Handle = void*;  ///< nvmlDevice_t

inline constexpr int kSuccess = 0;                 ///< NVML_SUCCESS
inline constexpr int kSmClock = 1;                 ///< NVML_CLOCK_SM
inline constexpr int kDieSensor = 0;               ///< NVML_TEMPERATURE_GPU
inline constexpr unsigned kPowerField = 74;        ///< NVML_FI_DEV_PERF_POLICY_POWER
inline constexpr unsigned kThermalField = 75;      ///< NVML_FI_DEV_PERF_POLICY_THERMAL
inline constexpr unsigned kReliabilityField = 79;  ///< NVML_FI_DEV_PERF_POLICY_RELIABILITY

/// Bits of what holds the clocks back now: nvmlClocksEventReason..., of old
/// nvmlClocksThrottleReason...
inline constexpr std::uint64_t kSwPowerCap = 0x04;
inline constexpr std::uint64_t kHwSlowdown = 0x08;
inline constexpr std::uint64_t kSwThermalSlowdown = 0x20;
inline constexpr std::uint64_t kHwThermalSlowdown = 0x40;
inline constexpr std::uint64_t kHwPowerBrakeSlowdown = 0x80;

/// nvmlFieldValue_t.
struct FieldValue {
  union Value {
    double number;
    int signed_int;
    unsigned unsigned_int;
    unsigned long unsigned_long;
    unsigned long long unsigned_long_long;
    long long signed_long_long;
  };

  /// nvmlValueType_t.
  enum Type : int {
    number,
    unsigned_int,
    unsigned_long,
    unsigned_long_long,
    signed_long_long,
    signed_int
  };

  unsigned field = 0;
  unsigned scope = 0;
  long long timestamp_us = 0;
  long long latency_us = 0;
  int type = 0;
  int status = 0;  ///< kSuccess where there is a value
  Value value{};
};
static_assert(sizeof(FieldValue) == 40, "NVML fills an array of these");

/// nvmlTemperature_v1_t.
struct Temperature {
  unsigned version = 12U | 1U << 24;  ///< nvmlTemperature_v1
  int sensor = kDieSensor;
  int celsius = 0;
};
static_assert(sizeof(Temperature) == 12, "NVML takes the size from the version");

/// NVML's functions by their names. Each gives kSuccess or another status; an empty one is one that
/// the library lacks.
struct Functions {
  std::function<int(char*, unsigned)> nvmlSystemGetDriverVersion;
  std::function<int(const char*, Handle*)> nvmlDeviceGetHandleByPciBusId_v2;
  std::function<int(const char*, Handle*)> nvmlDeviceGetHandleByUUID;
  std::function<int(Handle, int, unsigned*)> nvmlDeviceGetClockInfo;  // MHz
  std::function<int(Handle, Temperature*)> nvmlDeviceGetTemperatureV;
  std::function<int(Handle, unsigned*)> nvmlDeviceGetPowerUsage;          // milliwatts
  std::function<int(Handle, unsigned*)> nvmlDeviceGetEnforcedPowerLimit;  // milliwatts
  std::function<int(Handle, int, FieldValue*)> nvmlDeviceGetFieldValues;
  std::function<int(Handle, unsigned long long*)> nvmlDeviceGetCurrentClocksEventReasons;
  // What the newer of the above replaced; deprecated in CUDA 13, to go with CUDA 14.
  std::function<int(Handle, int, unsigned*)> nvmlDeviceGetTemperature;  // degrees Celsius
  std::function<int(Handle, unsigned long long*)> nvmlDeviceGetCurrentClocksThrottleReasons;
};

/// Those of the library on this machine, loaded once; all empty where it cannot be used.
const Functions& library();

/// "580.159.04".
std::optional<std::string> driver_version();

/// The limit in force, in watts, of the GPU at a PCI address such as "0000:1b:00.0".
std::optional<double> power_limit_watts(const std::string& pci_bus_id);

/// For how long, since the driver was loaded, the clocks were held back, and by what; nanoseconds.
struct ViolationTimes {
  std::optional<std::uint64_t> power, thermal, reliability;
};

/// A GPU that can be asked. What the library or the GPU does not tell is absent.
class Gpu {
 public:
  /// One of which nothing is known, such as the CPU.
  Gpu() = default;
  /// The one with the UUID "GPU-..." or at the PCI address that `id` is; one of which nothing is
  /// known where there is none. `functions` must outlive it.
  explicit Gpu(const std::string& id, const Functions& functions = library());

  bool known() const { return handle_ != nullptr; }

  std::optional<double> sm_mhz() const;
  std::optional<double> temperature_celsius() const;  ///< of the die
  /// From Ampere on (GA100 excepted) the mean of the last second, else of the instant.
  std::optional<double> power_watts() const;
  std::optional<double> power_limit_watts() const;  ///< in force, whoever set it
  std::optional<std::uint64_t> event_reasons() const;
  /// From the fields of NVML_FI_DEV_PERF_POLICY_..., in one call. They count nanoseconds;
  /// nvidia-smi shows microseconds. (The later fields of the single slowdowns would tell more, but
  /// have other numbers in CUDA 12 and 13.)
  ViolationTimes violation_times() const;

 private:
  const Functions* functions_ = nullptr;
  Handle handle_ = nullptr;
};

}  // namespace nvml
}  // namespace mhabench
