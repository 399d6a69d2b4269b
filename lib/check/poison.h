#pragma once

#include <c10/core/Device.h>

namespace mhabench {

/// While it lives, memory that LibTorch hands out unwritten on the device holds NaN (fp32, fp16 and
/// bf16 alike), so that an output or a temporary which is read before it is written shows.
///
/// On the CPU each allocation is filled as it is made. On CUDA the free blocks of the caching
/// allocator are filled once, here, on the current stream; memory taken from the driver afterwards
/// is not, so prime the allocator with a call of the same shapes first.
class PoisonedMemory {
 public:
  explicit PoisonedMemory(c10::Device device);
  ~PoisonedMemory();
  PoisonedMemory(const PoisonedMemory&) = delete;
  PoisonedMemory& operator=(const PoisonedMemory&) = delete;

 private:
  bool fill_on_allocation_;
};

}  // namespace mhabench
