#include "mhabench/check/scratch.h"

#if MHABENCH_WITH_CUDA
#include <exception>

#include <ATen/Context.h>
#include <ATen/cuda/MemPool.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/util/Exception.h>

#include "mhabench/base/text.h"
#endif

namespace mhabench {

#if MHABENCH_WITH_CUDA

// The allocator counts a pool's users: each allocation scope is one while it lasts, and the pool
// object is one itself, or its memory would go back to the driver between scopes.
struct ScratchMemory::Pool {
  explicit Pool(c10::DeviceIndex device) : device_index(device) {
    begin();
    c10::cuda::CUDACachingAllocator::endAllocateToPool(device_index, id);
  }
  // Giving memory back fails on a lost device, where it is lost too; an exception out of here would
  // end the process before what was measured is told.
  ~Pool() {
    try {
      c10::cuda::CUDACachingAllocator::releasePool(device_index, id);
      c10::cuda::CUDACachingAllocator::emptyCache();
    } catch (const std::exception& error) {
      TORCH_WARN("scratch memory is not given back: ", first_line(error.what()));
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void begin() const {
    c10::cuda::CUDACachingAllocator::beginAllocateToPool(device_index, id,
                                                         [](cudaStream_t) { return true; });
  }
  void end() const {
    c10::cuda::CUDACachingAllocator::endAllocateToPool(device_index, id);
    c10::cuda::CUDACachingAllocator::releasePool(device_index, id);
  }

  c10::DeviceIndex device_index;
  c10::MempoolId_t id = at::cuda::MemPool::graph_pool_handle();
};

ScratchMemory::ScratchMemory(c10::Device device) {
  if (!device.is_cuda()) return;
  at::globalContext().lazyInitDevice(
      c10::DeviceType::CUDA);  // the allocator knows no device before
  pool_ = std::make_unique<Pool>(device.index());
}

ScratchMemory::Scope::Scope(ScratchMemory& memory) : memory_(memory) {
  if (memory_.pool_) memory_.pool_->begin();
}

ScratchMemory::Scope::~Scope() {
  if (memory_.pool_) memory_.pool_->end();
}

// In place of the pool comes an empty one. The allocator gives back the blocks of a pool without
// users alone, and keeps such a pool for as long as something lies in it.
void ScratchMemory::release() {
  if (pool_) pool_ = std::make_unique<Pool>(pool_->device_index);
}

#else

struct ScratchMemory::Pool {};

ScratchMemory::ScratchMemory(c10::Device) {}
ScratchMemory::Scope::Scope(ScratchMemory& memory) : memory_(memory) {}
ScratchMemory::Scope::~Scope() { static_cast<void>(memory_); }
void ScratchMemory::release() {}

#endif

ScratchMemory::~ScratchMemory() = default;

}  // namespace mhabench
