#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "bench/phases.h"
#include "mhabench/check/reference.h"
#include "mhabench/check/scratch.h"
#include "mhabench/check/tolerance.h"
#include "mhabench/check/verdict.h"
#include "mhabench/clocks/event_clock.h"
#include "mhabench/config/config.h"
#include "mhabench/inputs/cache.h"
#include "mhabench/paths/path.h"
#include "mhabench/results/row.h"

namespace mhabench::bench {

/// What the paths of one configuration share: the batch, the parameters, the reference, and the
/// first checked output of slow and fast, which are held against each other.
struct ConfigurationState {
  MhaConfig config;
  std::shared_ptr<const Inputs> inputs;
  std::shared_ptr<const Weights> weights;
  Reference reference;
  Bounds bounds;
  at::Tensor slow_output, fast_output;  ///< (tokens, embed_dim); undefined until known
};

/// Hands out the state of one configuration after the other. Only the last one is kept whole:
/// rows of a configuration stand side by side, and a reference is as large as all its inputs.
class Workbench {
 public:
  Workbench(c10::Device device, std::uint64_t seed);

  /// Throws c10::Error where memory runs out.
  std::shared_ptr<ConfigurationState> configure(const MhaConfig& config);

  c10::Device device() const { return cache_.device(); }
  std::uint64_t seed() const { return cache_.seed(); }
  PhaseTimes& phases() { return phases_; }
  ScratchMemory& scratch() { return scratch_; }

 private:
  InputCache cache_;
  PhaseTimes phases_;
  ScratchMemory scratch_;  // outlives the state that lies in it
  std::shared_ptr<ConfigurationState> current_;
};

/// One row on its way: made ready and checked, then timed, then checked again. Everything runs in
/// inference mode on the device's current stream.
class Measurement {
 public:
  /// The row's axes, known before anything runs.
  Measurement(Workbench& workbench, const Path& path, const MhaConfig& config);

  /// Lengths, inputs, the path's preparation, one call to prime the allocator, one over poisoned
  /// memory whose output is checked, two to warm up. False where the path does not support the
  /// configuration: row() then holds the reason. Throws what the path throws.
  bool prepare();

  /// Time of a call in us, from the warm-up; after prepare().
  double estimated_us() const { return estimated_us_; }

  /// Makes and times `calls` calls; after prepare().
  TimedBatch time(std::int64_t calls);

  /// Checks the last timed output and enters the batch into the row.
  void finish(const TimedBatch& batch);

  /// Turns the row into one of a failure, with the error's message on one line.
  void fail(const std::exception& error);

  const Row& row() const { return row_; }

 private:
  double warm_up(int calls);
  void check_over_poison();
  at::Tensor check(const at::Tensor& output);
  void enter(const Verdict& verdict);
  void compare(const at::Tensor& packed_output);

  Workbench& workbench_;
  const Path& path_;
  Row row_;
  std::shared_ptr<ConfigurationState> state_;
  PreparedCall call_;
  double estimated_us_ = 0;
};

/// The number of calls of a timed batch: enough for `target_seconds` by the estimate, with a margin
/// so that one batch is nearly always enough, and never fewer than `at_least`.
std::int64_t calls_for(double target_seconds, double estimated_us, std::int64_t at_least);

}  // namespace mhabench::bench
