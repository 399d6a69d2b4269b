#pragma once

#include <memory>

#include <c10/core/Device.h>

namespace mhabench {

/// Device memory for what the check needs and a path must not meet: the reference's temporaries are
/// many times a path's, and free blocks of that size left among its own would have to be poisoned
/// for each row. On the CPU, where memory goes back when it is freed, this does nothing.
class ScratchMemory {
 public:
  explicit ScratchMemory(c10::Device device);
  ~ScratchMemory();
  ScratchMemory(const ScratchMemory&) = delete;
  ScratchMemory& operator=(const ScratchMemory&) = delete;

  /// While it lives, allocations on the device come out of the scratch memory; what they hold may
  /// outlive the scope, but not the scratch memory itself. Scopes do not nest.
  class Scope {
   public:
    explicit Scope(ScratchMemory& memory);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    ScratchMemory& memory_;
  };

  /// Gives what nothing lies in back to the device; while no scope lives. What does hold tensors
  /// stays until they are freed and the allocator's cache is emptied after that.
  void release();

 private:
  struct Pool;

  std::unique_ptr<Pool> pool_;
};

}  // namespace mhabench
