#include "mhabench/paths/kernels.h"

#include "mhabench/config/names.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/CUDAContext.h>
#endif

namespace mhabench {
namespace {

constexpr std::int64_t kHalfAlignment = 8;  // elements of 16 bits in the 16 bytes of one load
constexpr std::int64_t kFloatAlignment = 4;
constexpr std::int64_t kFlashHeadDim = 256;
constexpr std::int64_t kCudnnHeadDim = 128;

std::optional<std::string> needs_cuda(c10::Device device) {
  if (device.is_cuda()) return std::nullopt;
  return "its kernel runs on CUDA alone";
}

// Ampere and later; LibTorch compiles these kernels for nothing older.
std::optional<std::string> needs_ampere([[maybe_unused]] c10::Device device) {
#if MHABENCH_WITH_CUDA
  constexpr int kAmpere = 8;
  const cudaDeviceProp* const gpu = at::cuda::getDeviceProperties(device.index());
  if (gpu->major < kAmpere) {
    return "its kernel needs compute capability 8.0, this GPU has " + std::to_string(gpu->major) +
           '.' + std::to_string(gpu->minor);
  }
#endif
  return std::nullopt;
}

std::optional<std::string> needs_half(Dtype dtype) {
  if (dtype != Dtype::fp32) return std::nullopt;
  return "its kernel takes fp16 and bf16, not " + std::string(name_of(dtype));
}

std::optional<std::string> needs_multiple_of(std::int64_t head_dim, std::int64_t alignment) {
  if (head_dim % alignment == 0) return std::nullopt;
  return "its kernel takes head dims that are multiples of " + std::to_string(alignment) +
         ", not " + std::to_string(head_dim);
}

std::optional<std::string> needs_at_most(std::int64_t head_dim, std::int64_t highest) {
  if (head_dim <= highest) return std::nullopt;
  return "its kernel takes head dims up to " + std::to_string(highest) + ", not " +
         std::to_string(head_dim);
}

std::optional<std::string> fused_half_refuses(const MhaConfig& config, c10::Device device,
                                              std::int64_t highest_head_dim) {
  if (auto reason = needs_cuda(device)) return reason;
  if (auto reason = needs_half(config.dtype)) return reason;
  if (auto reason = needs_multiple_of(config.head_dim(), kHalfAlignment)) return reason;
  if (auto reason = needs_at_most(config.head_dim(), highest_head_dim)) return reason;
  return needs_ampere(device);
}

// "flash: its kernel ..." for a row whose path has another name than the kernel.
std::optional<std::string> of_backend(const MhaConfig& config, std::optional<std::string> reason) {
  if (!reason) return reason;
  return std::string(name_of(*config.sdpa)) + ": " + *reason;
}

std::optional<std::string> fused_refuses(const MhaConfig& config, c10::Device device) {
  switch (*config.sdpa) {
    case SdpaBackend::flash:
      return of_backend(config, flash_refuses(config, device));
    case SdpaBackend::efficient:
      return of_backend(config, efficient_refuses(config, device));
    case SdpaBackend::cudnn:
      return of_backend(config, cudnn_refuses(config, device));
    case SdpaBackend::math:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> flash_refuses(const MhaConfig& config, c10::Device device) {
  return fused_half_refuses(config, device, kFlashHeadDim);
}

std::optional<std::string> efficient_refuses(const MhaConfig& config, c10::Device device) {
  if (auto reason = needs_cuda(device)) return reason;
  const std::int64_t alignment = config.dtype == Dtype::fp32 ? kFloatAlignment : kHalfAlignment;
  if (auto reason = needs_multiple_of(config.head_dim(), alignment)) return reason;
  return needs_ampere(device);
}

std::optional<std::string> cudnn_refuses(const MhaConfig& config, c10::Device device) {
  if (config.seq_len == 1) return "its kernel takes no sequences of one token";
  return fused_half_refuses(config, device, kCudnnHeadDim);
}

std::optional<std::string> sdpa_refuses(const MhaConfig& config, c10::Device device, bool masked) {
  const SdpaBackend backend = *config.sdpa;
  if (backend == SdpaBackend::math) return std::nullopt;
  if (device.is_cpu() && backend == SdpaBackend::flash) return std::nullopt;
  if (masked && backend == SdpaBackend::flash) return "flash: its kernel takes no mask";
  return fused_refuses(config, device);
}

std::optional<std::string> native_layer_refuses(const MhaConfig& config, c10::Device device) {
  if (device.is_cpu()) return "the native layer does not go through SDPA on the CPU";
  if (config.sdpa == SdpaBackend::math) {
    return "the native layer runs unfused code of its own in place of SDPA's math back end";
  }
  return fused_refuses(config, device);
}

}  // namespace mhabench
