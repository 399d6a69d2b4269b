#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <c10/core/Device.h>

#include "mhabench/config/config.h"

namespace mhabench {

/// What the fused attention kernels take, by the conditions that LibTorch 2.11 sets before it
/// chooses one (aten/src/ATen/native/transformers/cuda/sdp_utils.cpp). Each function gives the
/// reason why the kernel cannot run the configuration on `device`, or nothing where it can.

std::optional<std::string> flash_refuses(const MhaConfig& config, c10::Device device);
std::optional<std::string> efficient_refuses(const MhaConfig& config, c10::Device device);
/// On padded batches, as scaled_dot_product_attention calls it.
std::optional<std::string> cudnn_refuses(const MhaConfig& config, c10::Device device);

/// Why scaled_dot_product_attention cannot run the configuration's attention on a padded batch with
/// a mask and its back end pinned to config.sdpa. (On the CPU a batch without a mask is the same.)
std::optional<std::string> sdpa_refuses(const MhaConfig& config, c10::Device device);

/// The same for the native layer, at::_native_multi_head_attention, without a mask. It never gets
/// to the math back end: where no fused kernel is chosen it runs unfused code of its own.
std::optional<std::string> native_layer_refuses(const MhaConfig& config, c10::Device device);

/// Why nn.MultiheadAttention does not take its fast path, nested or dense: it asks for an even
/// number of heads. (If no fused kernel fits, the layer below refuses an odd one on CUDA.)
std::optional<std::string> no_fast_path(const MhaConfig& config, c10::Device device);

/// What those conditions ask of a GPU.
struct GpuTraits {
  int major = 0;  ///< of its compute capability
  int minor = 0;
  std::int64_t cudnn_version = 0;  ///< of the library that is loaded: 91900 for 9.19.0
};

/// The same by the traits of a GPU, or by none for the CPU.
using GpuOrCpu = std::optional<GpuTraits>;
std::optional<std::string> flash_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu);
std::optional<std::string> efficient_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu);
std::optional<std::string> cudnn_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu);
std::optional<std::string> sdpa_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu);
std::optional<std::string> native_layer_refuses_on(const MhaConfig& config, const GpuOrCpu& gpu);

}  // namespace mhabench
