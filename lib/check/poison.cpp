#include "mhabench/check/poison.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <ATen/ATen.h>
#include <c10/util/Flags.h>

#if MHABENCH_WITH_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>
#endif

// LibTorch fills CPU allocations with a pattern that is NaN in each of its float types where this
// is set; it is exported, but no installed header declares it.
C10_DECLARE_bool(caffe2_cpu_allocator_do_junk_fill);

namespace mhabench {
namespace {

#if MHABENCH_WITH_CUDA

// With all bits set: NaN in fp32, fp16 and bf16.
class Filling {
 public:
  Filling(c10::Device device, cudaStream_t stream) : device_(device), stream_(stream) {}

  // There are some eighty small blocks for each large one, and a memory set takes the host 5 us.
  void add(std::size_t address, std::size_t bytes) {
    constexpr std::size_t kSmall = std::size_t{1} << 20;
    auto* const data = reinterpret_cast<void*>(address);
    if (bytes > kSmall || bytes % sizeof(std::int32_t) != 0) {
      C10_CUDA_CHECK(cudaMemsetAsync(data, 0xFF, bytes, stream_));
      return;
    }
    small_.push_back(at::for_blob(data, {static_cast<std::int64_t>(bytes / sizeof(std::int32_t))})
                         .options(at::TensorOptions().device(device_).dtype(at::kInt))
                         .target_device(device_)
                         .make_tensor());
  }

  // No less and no more than -1, in two kernels for all of them.
  void finish() {
    if (small_.empty()) return;
    at::_foreach_clamp_min_(small_, -1);
    at::_foreach_clamp_max_(small_, -1);
  }

 private:
  c10::Device device_;
  cudaStream_t stream_;
  std::vector<at::Tensor> small_;
};

// A segment's blocks lie one after the other. Those that are free and belong to the current stream
// can be written on it: whoever gets them next comes later on the same stream.
void add_free_blocks(const c10::CachingDeviceAllocator::SegmentInfo& segment,
                     std::size_t most_bytes, Filling& filling) {
  std::size_t address = segment.address;
  for (const auto& block : segment.blocks) {
    if (!block.active) filling.add(address, std::min<std::size_t>(block.size, most_bytes));
    address += block.size;
  }
}

void fill_free_blocks(c10::Device device, std::size_t most_bytes) {
  if (most_bytes == 0) return;
  constexpr c10::MempoolId_t kDefaultPool{0, 0};
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(device.index()).stream();
  const auto snapshot =
      c10::cuda::CUDACachingAllocator::snapshot(kDefaultPool, /*include_traces=*/false);
  Filling filling(device, stream);
  for (const auto& segment : snapshot.segments) {
    const bool reachable = segment.device == device.index() && segment.stream == stream &&
                           segment.owner_private_pool_id == kDefaultPool;
    // The mapped part of an expandable segment is not told block by block.
    if (reachable && !segment.is_expandable) add_free_blocks(segment, most_bytes, filling);
  }
  filling.finish();
}

#else

void fill_free_blocks(c10::Device, std::size_t) {}

#endif

}  // namespace

PoisonedMemory::PoisonedMemory(c10::Device device, std::size_t most_bytes)
    : fill_on_allocation_(device.is_cpu()) {
  if (fill_on_allocation_) {
    FLAGS_caffe2_cpu_allocator_do_junk_fill = true;
  } else {
    fill_free_blocks(device, most_bytes);
  }
}

PoisonedMemory::~PoisonedMemory() {
  if (fill_on_allocation_) FLAGS_caffe2_cpu_allocator_do_junk_fill = false;
}

}  // namespace mhabench
