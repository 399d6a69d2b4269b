#include "mhabench/check/poison.h"

#include <algorithm>
#include <functional>
#include <vector>

#include <ATen/ATen.h>
#include <c10/util/Flags.h>

#if MHABENCH_WITH_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>
#endif

// LibTorch fills CPU allocations with a pattern that is NaN in each of its float types where this
// is set; it is exported, but no installed header declares it.
C10_DECLARE_bool(caffe2_cpu_allocator_do_junk_fill);

namespace mhabench {
namespace {

#if MHABENCH_WITH_CUDA

// Sizes of the device's free blocks that the current stream may be handed.
std::vector<std::size_t> free_blocks(c10::Device device) {
  const void* const stream = c10::cuda::getCurrentCUDAStream(device.index()).stream();
  std::vector<std::size_t> sizes;
  for (const auto& segment :
       c10::cuda::CUDACachingAllocator::snapshot({0, 0}, /*include_traces=*/false).segments) {
    if (segment.device != device.index() || segment.stream != stream) continue;
    for (const auto& block : segment.blocks) {
      // Requests of 1 MiB and less never come out of a large segment.
      const bool reachable = !segment.is_large || block.size > (std::size_t{1} << 20);
      if (!block.active && reachable) sizes.push_back(block.size);
    }
  }
  return sizes;
}

void fill_free_blocks(c10::Device device) {
  constexpr int kAllBits = 0xFF;  // NaN in fp32, fp16 and bf16
  std::vector<std::size_t> sizes = free_blocks(device);
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  std::vector<at::Tensor> held;  // together they take every block
  const auto bytes = at::TensorOptions().device(device).dtype(at::kByte);
  for (const std::size_t size : sizes) {
    held.push_back(at::full({static_cast<std::int64_t>(size)}, kAllBits, bytes));
  }
}

#else

void fill_free_blocks(c10::Device) {}

#endif

}  // namespace

PoisonedMemory::PoisonedMemory(c10::Device device) : fill_on_allocation_(device.is_cpu()) {
  if (fill_on_allocation_) {
    FLAGS_caffe2_cpu_allocator_do_junk_fill = true;
  } else {
    fill_free_blocks(device);
  }
}

PoisonedMemory::~PoisonedMemory() {
  if (fill_on_allocation_) FLAGS_caffe2_cpu_allocator_do_junk_fill = false;
}

}  // namespace mhabench
