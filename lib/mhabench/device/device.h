#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <c10/core/Device.h>

#include "mhabench/config/device_request.h"

namespace mhabench {

/// Whether CUDA devices can be used here, and if not why.
struct CudaState {
  int devices = 0;        ///< that can be used
  bool gpu_seen = false;  ///< the machine has an NVIDIA GPU or its driver's device files
  std::string reason;     ///< why none can be used; empty where one can
};

/// Counts the CUDA devices and uses none of them: no context is made.
CudaState count_cuda();

/// Looks for usable CUDA devices: counts them and makes a context on the one with this index, or on
/// the first where there is none such, so that a driver too old, a failed card or a lack of
/// permission shows here.
CudaState probe_cuda(int index = 0);

/// The device to use, and a line to tell where it is not what one would expect.
struct DeviceChoice {
  c10::Device device = c10::Device(c10::kCPU);
  std::string notice;  ///< empty where there is nothing to tell
};

/// Automatic: the GPU where one can be used, else the CPU with the reason in the notice. Throws
/// InputError where a CUDA device was asked for and cannot be used, or its index does not exist.
DeviceChoice choose_device(const DeviceRequest& request, const CudaState& cuda);

/// "cpu", "cuda:0": as rows name their device.
std::string device_name(c10::Device device);

/// What the file's context says of a device. Absent is unknown.
struct DeviceInfo {
  std::string name;  ///< of the GPU, or of the CPU's model
  std::optional<std::string> uuid, driver, compute_capability;
  std::optional<int> index, multiprocessors;
  std::optional<std::int64_t> memory_bytes, l2_bytes;
  std::optional<double> power_limit_watts;
};

DeviceInfo describe(c10::Device device);

/// Model of the CPU as /proc/cpuinfo gives it, or "unknown CPU".
std::string cpu_model();
/// Scaling governor of CPU 0; absent where the kernel does not tell.
std::optional<std::string> cpu_governor();

/// Memory that can still be allocated there, in bytes.
std::size_t free_memory(c10::Device device);

/// Makes the device current for this thread.
void use_device(c10::Device device);

/// Waits until all work enqueued on the device is done. Nothing on the CPU.
void synchronize(c10::Device device);

/// Enqueues a sleep on the device's current stream: at least `us`, and longer where its clock is
/// below its highest. Nothing on the CPU.
void put_to_sleep(c10::Device device, double us);

/// What the device fails with whatever it is asked, as after an illegal access in a kernel: no call
/// of this process succeeds from then on. Absent where it works; errors of single calls are
/// cleared.
std::optional<std::string> lasting_error(c10::Device device);

/// Gives memory that LibTorch keeps for later back to the device. Nothing on the CPU.
void release_kept_memory(c10::Device device);

/// Versions of what the program runs on. Absent where LibTorch has no CUDA.
struct Versions {
  std::string torch;
  std::optional<std::string> cuda, cublas, cudnn;
};

Versions versions();

}  // namespace mhabench
