#include "mhabench/check/poison.h"

#include <algorithm>
#include <limits>
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

constexpr int kAllBits = 0xFF;  // NaN in fp32, fp16 and bf16

struct Block {
  std::size_t address, bytes;
};

// A segment's blocks lie one after the other. Those that are free and belong to the current stream
// can be written on it: whoever gets them next comes later on the same stream.
void add_free_blocks(const c10::CachingDeviceAllocator::SegmentInfo& segment,
                     std::vector<Block>& blocks) {
  std::size_t address = segment.address;
  for (const auto& block : segment.blocks) {
    if (!block.active) blocks.push_back({address, block.size});
    address += block.size;
  }
}

std::vector<Block> free_blocks(c10::Device device, cudaStream_t stream) {
  constexpr c10::MempoolId_t kDefaultPool{0, 0};
  const auto snapshot =
      c10::cuda::CUDACachingAllocator::snapshot(kDefaultPool, /*include_traces=*/false);
  std::vector<Block> blocks;
  for (const auto& segment : snapshot.segments) {
    const bool reachable = segment.device == device.index() && segment.stream == stream &&
                           segment.owner_private_pool_id == kDefaultPool;
    // The mapped part of an expandable segment is not told block by block.
    if (reachable && !segment.is_expandable) add_free_blocks(segment, blocks);
  }
  return blocks;
}

// The smallest block that has room for all serves whatever smaller ones do not.
std::size_t largest_reached(const std::vector<Block>& blocks, std::size_t most_bytes) {
  std::size_t largest = std::numeric_limits<std::size_t>::max();
  for (const Block& block : blocks) {
    if (block.bytes >= most_bytes) largest = std::min(largest, block.bytes);
  }
  return largest;
}

void fill_free_blocks(c10::Device device, std::size_t most_bytes) {
  if (most_bytes == 0) return;
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(device.index()).stream();
  const std::vector<Block> blocks = free_blocks(device, stream);
  const std::size_t largest = largest_reached(blocks, most_bytes);
  for (const Block& block : blocks) {
    if (block.bytes > largest) continue;
    C10_CUDA_CHECK(cudaMemsetAsync(reinterpret_cast<void*>(block.address), kAllBits,
                                   std::min(block.bytes, most_bytes), stream));
  }
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
