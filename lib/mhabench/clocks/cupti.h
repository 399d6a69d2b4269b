#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "mhabench/clocks/kernel_records.h"

namespace mhabench {

/// CUPTI's activity records. The library is the one that LibTorch has loaded, or one that the
/// system finds; it is looked up when first asked for and attached to the process to its end.
///
/// Called by hand rather than through the profiler inside LibTorch, which builds on the same
/// records: that takes 1.5 ms a row against 0.1 ms, and it registers its clock anew for each trace,
/// after which CUPTI gives false times to one record more in each trace than in the one before
/// (pytorch issue 192021). The two cannot be at work in one process; the first to come has CUPTI.
namespace cupti {

/// CUPTI refused or failed. what() is one line.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A memory set of this size is a marker; no tensor of a call has it. One that had would show as a
/// marker too many.
inline constexpr std::size_t kMarkerBytes = 1016;

/// Why there are no records here; absent where CUPTI is attached. One answer for the process.
const std::optional<std::string>& unavailable();

/// Collects what the process's GPUs do while it lives: kernels, copies, memory sets. Outside of it
/// CUPTI records nothing. The devices must be idle where it begins and where finish() is called.
/// One at a time.
class Collection {
 public:
  /// Throws Error.
  Collection();
  ~Collection();
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;

  /// Ends it and hands out everything it saw, in no order. Throws Error where something is missing.
  std::vector<KernelRecord> finish();

 private:
  bool active_ = false;
};

/// How many buffers for records were ever made; they are used again and again.
std::size_t buffers();

}  // namespace cupti
}  // namespace mhabench
