#pragma once

#include <cstdint>
#include <optional>

#include <c10/core/Device.h>

namespace mhabench {

/// Bytes of the device that LibTorch's caching allocator has handed out and not taken back, blocks
/// as it rounds them. What it keeps cached does not count, nor what libraries take from the driver.
/// Absent on the CPU, where nobody counts.
std::optional<std::int64_t> allocated_bytes(c10::Device device);

/// All bytes that were ever handed out on the device, so counted, whether they were taken back or
/// not: how much it grows over a call is what the call allocated in all. Absent on the CPU.
std::optional<std::int64_t> handed_out_bytes(c10::Device device);

/// The most that is allocated on the device while it lives, above what was allocated when it was
/// made. There can be one at a time: the allocator keeps one peak, which this resets.
class MemoryPeak {
 public:
  explicit MemoryPeak(c10::Device device);

  /// Both are absent on the CPU.
  std::optional<std::int64_t> bytes() const;
  /// What is allocated now above the start.
  std::optional<std::int64_t> kept_bytes() const;

 private:
  c10::Device device_;
  std::optional<std::int64_t> start_;
};

}  // namespace mhabench
