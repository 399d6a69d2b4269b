#include "mhabench/device/memory.h"

#if MHABENCH_WITH_CUDA
#include <ATen/Context.h>
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace mhabench {

#if MHABENCH_WITH_CUDA

namespace {

// Blocks of every size and pool.
c10::CachingAllocator::Stat allocated(c10::Device device) {
  // The allocator knows no device before.
  at::globalContext().lazyInitDevice(c10::DeviceType::CUDA);
  constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return c10::cuda::CUDACachingAllocator::getDeviceStats(device.index()).allocated_bytes.at(kAll);
}

}  // namespace

std::optional<std::int64_t> allocated_bytes(c10::Device device) {
  if (!device.is_cuda()) return std::nullopt;
  return allocated(device).current;
}

std::optional<std::int64_t> handed_out_bytes(c10::Device device) {
  if (!device.is_cuda()) return std::nullopt;
  return allocated(device).allocated;
}

MemoryPeak::MemoryPeak(c10::Device device) : device_(device), start_(allocated_bytes(device)) {
  if (start_) c10::cuda::CUDACachingAllocator::resetPeakStats(device.index());
}

std::optional<std::int64_t> MemoryPeak::bytes() const {
  if (!start_) return std::nullopt;
  return allocated(device_).peak - *start_;
}

std::optional<std::int64_t> MemoryPeak::kept_bytes() const {
  if (!start_) return std::nullopt;
  return allocated(device_).current - *start_;
}

#else

std::optional<std::int64_t> allocated_bytes(c10::Device) { return std::nullopt; }
std::optional<std::int64_t> handed_out_bytes(c10::Device) { return std::nullopt; }

MemoryPeak::MemoryPeak(c10::Device device) : device_(device) {}

std::optional<std::int64_t> MemoryPeak::bytes() const { return std::nullopt; }
std::optional<std::int64_t> MemoryPeak::kept_bytes() const { return std::nullopt; }

#endif

}  // namespace mhabench
