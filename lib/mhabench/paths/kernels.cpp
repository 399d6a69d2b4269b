#include "mhabench/paths/kernels.h"

#include "mhabench/config/names.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <ATen/detail/CUDAHooksInterface.h>
#endif

namespace mhabench {
namespace {

using Reason = std::optional<std::string>;

constexpr std::int64_t kHalfAlignment = 8;  // elements of 16 bits in the 16 bytes of one load
constexpr std::int64_t kFloatAlignment = 4;
constexpr std::int64_t kFlashHeadDim = 256;
constexpr std::int64_t kCudnnHeadDim = 128;
constexpr std::int64_t kCudnnHeadDimOnHopper = 256;
constexpr std::int64_t kCudnnOfThatHeadDim = 91'000;
constexpr int kMaxwell = 5;
constexpr int kVolta = 7;
constexpr int kAmpere = 8;
constexpr int kHopper = 9;

GpuOrCpu traits_of([[maybe_unused]] c10::Device device) {
#if MHABENCH_WITH_CUDA
  if (!device.is_cuda()) return std::nullopt;
  const cudaDeviceProp* const gpu = at::cuda::getDeviceProperties(device.index());
  const at::CUDAHooksInterface& hooks = at::detail::getCUDAHooks();
  return GpuTraits{gpu->major, gpu->minor,
                   hooks.compiledWithCuDNN() ? hooks.versionRuntimeCuDNN() : 0};
#else
  return std::nullopt;
#endif
}

Reason needs_cuda(const GpuOrCpu& gpu) {
  if (gpu) return std::nullopt;
  return "its kernel runs on CUDA alone";
}

Reason needs_capability(const GpuTraits& gpu, int major, const std::string& what = "its kernel") {
  if (gpu.major >= major) return std::nullopt;
  return what + " needs compute capability " + std::to_string(major) + ".0, this GPU has " +
         std::to_string(gpu.major) + '.' + std::to_string(gpu.minor);
}

Reason needs_half(Dtype dtype) {
  if (dtype != Dtype::fp32) return std::nullopt;
  return "its kernel takes fp16 and bf16, not " + std::string(name_of(dtype));
}

Reason needs_multiple_of(std::int64_t head_dim, std::int64_t alignment) {
  if (head_dim % alignment == 0) return std::nullopt;
  return "its kernel takes head dims that are multiples of " + std::to_string(alignment) +
         ", not " + std::to_string(head_dim);
}

Reason needs_at_most(std::int64_t head_dim, std::int64_t highest) {
  if (head_dim <= highest) return std::nullopt;
  return "its kernel takes head dims up to " + std::to_string(highest) + ", not " +
         std::to_string(head_dim);
}

Reason fused_half_refuses(const MhaConfig& config, const GpuTraits& gpu,
                          std::int64_t highest_head_dim) {
  if (auto reason = needs_half(config.dtype)) return reason;
  if (auto reason = needs_multiple_of(config.head_dim(), kHalfAlignment)) return reason;
  if (auto reason = needs_at_most(config.head_dim(), highest_head_dim)) return reason;
  return needs_capability(gpu, kAmpere);
}

// By whole loads where tensor cores are used: for every dtype from Ampere on, for fp16 on Volta and
// Turing. The other kernels take any head dim.
std::int64_t efficient_alignment(Dtype dtype, const GpuTraits& gpu) {
  if (gpu.major >= kAmpere && dtype == Dtype::fp32) return kFloatAlignment;
  return gpu.major >= kVolta && dtype != Dtype::fp32 ? kHalfAlignment : 1;
}

// On 10.0 LibTorch lets larger ones through where those of q and v differ, which is never here.
std::int64_t cudnn_head_dim(const GpuTraits& gpu) {
  const bool hopper = gpu.major == kHopper && gpu.minor == 0;
  return hopper && gpu.cudnn_version >= kCudnnOfThatHeadDim ? kCudnnHeadDimOnHopper : kCudnnHeadDim;
}

// "flash: its kernel ..." for a row whose path has another name than the kernel.
Reason of_backend(const MhaConfig& config, Reason reason) {
  if (!reason) return reason;
  return std::string(name_of(*config.sdpa)) + ": " + *reason;
}

Reason fused_refuses(const MhaConfig& config, const GpuOrCpu& gpu) {
  switch (*config.sdpa) {
    case SdpaBackend::flash:
      return of_backend(config, flash_refuses_on(config, gpu));
    case SdpaBackend::efficient:
      return of_backend(config, efficient_refuses_on(config, gpu));
    case SdpaBackend::cudnn:
      return of_backend(config, cudnn_refuses_on(config, gpu));
    case SdpaBackend::math:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Reason flash_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu) {
  if (auto reason = needs_cuda(gpu)) return reason;
  return fused_half_refuses(config, *gpu, kFlashHeadDim);
}

Reason efficient_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu) {
  if (auto reason = needs_cuda(gpu)) return reason;
  const std::int64_t alignment = efficient_alignment(config.dtype, *gpu);
  if (auto reason = needs_multiple_of(config.head_dim(), alignment)) return reason;
  if (config.dtype != Dtype::bf16) return needs_capability(*gpu, kMaxwell);
  return needs_capability(*gpu, kAmpere, "its kernel for bf16");
}

Reason cudnn_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu) {
  if (auto reason = needs_cuda(gpu)) return reason;
  if (config.seq_len == 1) return "its kernel takes no sequences of one token";
  return fused_half_refuses(config, *gpu, cudnn_head_dim(*gpu));
}

Reason sdpa_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu) {
  const SdpaBackend backend = *config.sdpa;
  if (backend == SdpaBackend::math) return std::nullopt;
  if (!gpu && backend == SdpaBackend::flash) return std::nullopt;
  if (backend == SdpaBackend::flash) return "flash: its kernel takes no mask";
  return fused_refuses(config, gpu);
}

Reason native_layer_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu) {
  if (!gpu) return "the native layer does not go through SDPA on the CPU";
  if (config.sdpa == SdpaBackend::math) {
    return "the native layer runs unfused code of its own in place of SDPA's math back end";
  }
  return fused_refuses(config, gpu);
}

Reason no_fast_path(const MhaConfig& config, c10::Device) {
  if (config.heads % 2 == 0) return std::nullopt;
  return "nn.MultiheadAttention takes its fast path for an even number of heads alone";
}

Reason flash_refuses(const MhaConfig& config, c10::Device device) {
  return flash_refuses_on(config, traits_of(device));
}

Reason efficient_refuses(const MhaConfig& config, c10::Device device) {
  return efficient_refuses_on(config, traits_of(device));
}

Reason cudnn_refuses(const MhaConfig& config, c10::Device device) {
  return cudnn_refuses_on(config, traits_of(device));
}

Reason sdpa_refuses(const MhaConfig& config, c10::Device device) {
  return sdpa_refuses_on(config, traits_of(device));
}

Reason native_layer_refuses(const MhaConfig& config, c10::Device device) {
  return native_layer_refuses_on(config, traits_of(device));
}

}  // namespace mhabench
