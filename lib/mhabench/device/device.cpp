#include "mhabench/device/device.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/version.h>

#include "mhabench/base/error.h"
#include "mhabench/device/nvml.h"

#if MHABENCH_WITH_CUDA
#include <dlfcn.h>
#include <map>
#include <mutex>

#include <ATen/cuda/Sleep.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
#endif

namespace mhabench {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// An NVIDIA display or 3D controller on the PCI bus, or the driver's device files: containers show
// either or both.
bool nvidia_gpu_seen() {
  std::error_code error;
  if (fs::exists("/dev/nvidia0", error) || fs::exists("/dev/nvidiactl", error)) return true;
  for (const auto& entry : fs::directory_iterator("/sys/bus/pci/devices", error)) {
    const bool nvidia = first_line(entry.path() / "vendor") == "0x10de";
    if (nvidia && first_line(entry.path() / "class").starts_with("0x03")) return true;
  }
  return false;
}

std::string cpu_field(std::string_view key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

// What can be had without swapping; free pages alone leave out what the page cache would give back.
std::size_t available_memory() {
  constexpr std::string_view kKey = "MemAvailable:";
  constexpr std::size_t kKiB = 1024;
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kKey)) return std::stoull(line.substr(kKey.size())) * kKiB;
  }
  return 0;
}

#if MHABENCH_WITH_CUDA

void check_cuda(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(status));
}

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + '.' + std::to_string(version % 1000 / 10);
}

// Making a context is what meets a failed card or a lack of permission; counting does not.
cudaError_t make_context(int index) {
  const cudaError_t status = cudaSetDevice(index);
  return status == cudaSuccess ? cudaFree(nullptr) : status;
}

std::string uuid_text(const cudaUUID_t& uuid) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = "GPU-";
  for (std::size_t i = 0; i < sizeof(uuid.bytes); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>(uuid.bytes[i]);
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

DeviceInfo describe_gpu(int index) {
  cudaDeviceProp properties{};
  check_cuda(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  std::array<char, 32> bus_id{};
  check_cuda(cudaDeviceGetPCIBusId(bus_id.data(), static_cast<int>(bus_id.size()), index),
             "cudaDeviceGetPCIBusId");

  DeviceInfo info;
  info.name = properties.name;
  info.uuid = uuid_text(properties.uuid);
  info.driver = nvml::driver_version();
  info.compute_capability =
      std::to_string(properties.major) + '.' + std::to_string(properties.minor);
  info.index = index;
  info.multiprocessors = properties.multiProcessorCount;
  info.memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem);
  info.l2_bytes = properties.l2CacheSize;
  info.power_limit_watts = nvml::power_limit_watts(bus_id.data());
  return info;
}

// cuBLAS is loaded with LibTorch; asking the loaded one needs no link of our own.
std::optional<std::string> cublas_version() {
  using GetProperty = int(int, int*);
  auto* const get = reinterpret_cast<GetProperty*>(dlsym(RTLD_DEFAULT, "cublasGetProperty"));
  if (get == nullptr) return std::nullopt;
  std::string text;
  for (int part = 0; part < 3; ++part) {  // MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL
    int value = 0;
    if (get(part, &value) != 0) return std::nullopt;
    text += (part > 0 ? "." : "") + std::to_string(value);
  }
  return text;
}

std::string cudnn_version_text(long version) {
  return std::to_string(version / 10000) + '.' + std::to_string(version / 100 % 100) + '.' +
         std::to_string(version % 100);
}

#endif

}  // namespace

#if MHABENCH_WITH_CUDA

namespace {

std::string reason_of(cudaError_t status, bool gpu_seen) {
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  if (status == cudaErrorInsufficientDriver && gpu_seen) {
    int driver = 0;
    cudaDriverGetVersion(&driver);
    return driver == 0 ? "no NVIDIA driver is loaded"
                       : "its driver supports CUDA " + cuda_version_text(driver) +
                             ", LibTorch needs " + cuda_version_text(CUDART_VERSION);
  }
  if (visible != nullptr && status == cudaErrorNoDevice) {
    return "CUDA_VISIBLE_DEVICES='" + std::string(visible) + "' hides it";
  }
  return gpu_seen ? cudaGetErrorString(status) : "no NVIDIA GPU is seen";
}

// `count` devices of which one was tried, as `status` says.
CudaState cuda_state(int count, cudaError_t status) {
  if (status == cudaSuccess && count > 0) return {count, true, ""};
  cudaGetLastError();  // the reason is told; LibTorch must not meet it later
  const bool seen = nvidia_gpu_seen();
  return {0, seen, reason_of(status, seen)};
}

// Asked for once: the driver may have to read it from the device each time.
int most_kilohertz(c10::Device device) {
  static std::mutex mutex;
  static std::map<c10::DeviceIndex, int> known;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(device.index()); found != known.end()) return found->second;
  int kilohertz = 0;
  check_cuda(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device.index()),
             "cudaDeviceGetAttribute");
  known.emplace(device.index(), kilohertz);
  return kilohertz;
}

}  // namespace

CudaState count_cuda() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  return cuda_state(count, status);
}

CudaState probe_cuda(int index) {
  int count = 0;
  cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess && count > 0) status = make_context(index < count ? index : 0);
  return cuda_state(count, status);
}

void use_device(c10::Device device) {
  if (device.is_cuda()) check_cuda(cudaSetDevice(device.index()), "cudaSetDevice");
}

void synchronize(c10::Device device) {
  if (device.is_cuda()) check_cuda(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

void put_to_sleep(c10::Device device, double us) {
  if (!device.is_cuda()) return;
  const c10::cuda::CUDAGuard guard(device);
  at::cuda::sleep(static_cast<std::int64_t>(us * most_kilohertz(device) / 1e3));
}

std::optional<std::string> lasting_error(c10::Device device) {
  if (!device.is_cuda()) return std::nullopt;
  cudaGetLastError();
  const cudaError_t status = cudaDeviceSynchronize();
  if (status == cudaSuccess) return std::nullopt;
  cudaGetLastError();
  const cudaError_t again = cudaDeviceSynchronize();
  return again == cudaSuccess ? std::nullopt
                              : std::optional<std::string>(cudaGetErrorString(again));
}

void release_kept_memory(c10::Device device) {
  if (device.is_cuda()) c10::cuda::CUDACachingAllocator::emptyCache();
}

namespace {

std::size_t free_gpu_memory(c10::Device device) {
  use_device(device);
  std::size_t free = 0;
  std::size_t total = 0;
  check_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  return free;
}

}  // namespace

Versions versions() {
  const at::CUDAHooksInterface& hooks = at::detail::getCUDAHooks();
  return {TORCH_VERSION, cuda_version_text(static_cast<int>(hooks.versionCUDART())),
          cublas_version(),
          hooks.compiledWithCuDNN() ? std::optional(cudnn_version_text(hooks.versionRuntimeCuDNN()))
                                    : std::nullopt};
}

#else

CudaState count_cuda() {
  CudaState state;
  state.gpu_seen = nvidia_gpu_seen();
  state.reason = state.gpu_seen ? "this LibTorch was built without CUDA" : "no NVIDIA GPU is seen";
  return state;
}

CudaState probe_cuda(int) { return count_cuda(); }

void use_device(c10::Device) {}
void synchronize(c10::Device) {}
void put_to_sleep(c10::Device, double) {}
std::optional<std::string> lasting_error(c10::Device) { return std::nullopt; }
void release_kept_memory(c10::Device) {}

Versions versions() { return {TORCH_VERSION, std::nullopt, std::nullopt, std::nullopt}; }

#endif

DeviceChoice choose_device(const DeviceRequest& request, const CudaState& cuda) {
  using Kind = DeviceRequest::Kind;
  if (request.kind == Kind::cpu) return {};
  if (cuda.devices == 0) {
    const std::string why =
        cuda.gpu_seen ? "a GPU is seen but cannot be used: " + cuda.reason : cuda.reason;
    if (request.kind == Kind::cuda) throw InputError("--device=cuda: " + why);
    return {c10::Device(c10::kCPU), why + "; running on the CPU"};
  }
  const int index = request.index.value_or(0);
  if (index >= cuda.devices) {
    throw InputError("--device=cuda:" + std::to_string(index) + ": there is no such device (0 to " +
                     std::to_string(cuda.devices - 1) + " can be used)");
  }
  return {c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index)), ""};
}

std::string device_name(c10::Device device) {
  return device.is_cpu() ? "cpu" : "cuda:" + std::to_string(device.index());
}

DeviceInfo describe(c10::Device device) {
#if MHABENCH_WITH_CUDA
  if (device.is_cuda()) return describe_gpu(device.index());
#endif
  DeviceInfo info;
  info.name = cpu_model();
  return info;
}

std::string cpu_model() {
  const std::string model = cpu_field("model name");
  return model.empty() ? "unknown CPU" : model;
}

std::optional<std::string> cpu_governor() {
  const std::string governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  return governor.empty() ? std::nullopt : std::optional(governor);
}

std::size_t free_memory(c10::Device device) {
#if MHABENCH_WITH_CUDA
  if (device.is_cuda()) return free_gpu_memory(device);
#endif
  return available_memory();
}

}  // namespace mhabench
