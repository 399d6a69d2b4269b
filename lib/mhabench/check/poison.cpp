#include "mhabench/check/poison.h"

#include <algorithm>
#include <exception>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/util/Flags.h>

#include "mhabench/base/text.h"

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

// A segment's blocks lie one after the other. Those that are free and belong to the current stream
// can be written on it: whoever gets them next comes later on the same stream.
void fill_segment(const c10::CachingDeviceAllocator::SegmentInfo& segment, std::size_t most_bytes,
                  cudaStream_t stream) {
  std::size_t address = segment.address;
  for (const auto& block : segment.blocks) {
    if (!block.active) {
      C10_CUDA_CHECK(cudaMemsetAsync(reinterpret_cast<void*>(address), kAllBits,
                                     std::min<std::size_t>(block.size, most_bytes), stream));
    }
    address += block.size;
  }
}

void fill_free_blocks(c10::Device device, std::size_t most_bytes) {
  if (most_bytes == 0) return;
  constexpr c10::MempoolId_t kDefaultPool{0, 0};
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(device.index()).stream();
  const auto snapshot =
      c10::cuda::CUDACachingAllocator::snapshot(kDefaultPool, /*include_traces=*/false);
  for (const auto& segment : snapshot.segments) {
    const bool reachable = segment.device == device.index() && segment.stream == stream &&
                           segment.owner_private_pool_id == kDefaultPool;
    // The mapped part of an expandable segment is not told block by block.
    if (reachable && !segment.is_expandable) fill_segment(segment, most_bytes, stream);
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

// The same noise for each sequence: what differs is which part of it stands in its padding.
NoisyPadding::NoisyPadding(const Inputs& inputs)
    : padded_(inputs.padded), is_padding_(inputs.key_padding_mask.unsqueeze(-1)) {
  constexpr double kDeviations = 8;
  constexpr std::uint64_t kSeed = 8;
  at::Generator generator = at::globalContext().defaultGenerator(padded_.device()).clone();
  generator.set_current_seed(kSeed);
  fill(at::randn({padded_.size(1), padded_.size(2)}, generator, padded_.options()) * kDeviations);
}

// On a lost device the padding is lost too; the row that found that out is to be kept.
NoisyPadding::~NoisyPadding() {
  try {
    fill(at::zeros({}, padded_.options()));
  } catch (const std::exception& error) {
    TORCH_WARN("padding is not zero again: ", first_line(error.what()));
  }
}

void NoisyPadding::fill(const at::Tensor& padding) {
  at::where_out(padded_, is_padding_, padding, padded_);
}

}  // namespace mhabench
