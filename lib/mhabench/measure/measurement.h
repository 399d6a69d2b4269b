#pragma once

#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "mhabench/check/verdict.h"
#include "mhabench/clocks/event_clock.h"
#include "mhabench/clocks/host_plan.h"
#include "mhabench/clocks/kernel_records.h"
#include "mhabench/config/config.h"
#include "mhabench/inputs/tensors.h"
#include "mhabench/measure/batch_plan.h"
#include "mhabench/measure/workbench.h"
#include "mhabench/paths/path.h"
#include "mhabench/results/row.h"

namespace mhabench {

/// One row on its way: made ready and checked, then timed, then checked again. Everything runs in
/// inference mode on the device's current stream.
class Measurement {
 public:
  /// The row's axes, known before anything runs.
  Measurement(Workbench& workbench, const Path& path, const MhaConfig& config);

  /// Lengths, inputs, the path's preparation, one call to prime the allocator, one over poisoned
  /// memory whose output is checked. False where the path does not support the configuration: row()
  /// then holds the reason. Throws what the path throws.
  bool prepare();

  /// Makes a few calls to plan the batch from, none where calls are long; after prepare().
  const Pilot& run_pilot(const BatchPolicy& policy = {});

  /// In its place: another measurement's of the same row, so that all have the same samples.
  void plan_by(const Pilot& pilot) { pilot_ = pilot; }

  /// Makes and times `calls` calls, in samples of as many as the time of a call asks for; after
  /// prepare().
  TimedBatch time(std::int64_t calls);

  /// Checks the last timed output, then traces kernels and takes the host's time, and enters all
  /// of it into the row.
  void finish(const TimedBatch& batch);

  /// In place of both where the paths of a configuration take turns: times a batch, checks its last
  /// output and traces kernels, as one round of several. The row's figures are those of all rounds
  /// taken together, and each round's medians stand beside them.
  void run_round(std::int64_t calls);
  /// Enters what the rounds gave, at least one; takes the host's time.
  void finish_rounds();

  /// Turns the row into one of a failure, with the error's message on one line.
  void fail(const std::exception& error);

  const Row& row() const { return row_; }

 private:
  void skip(std::string reason);
  void prime();
  void check_over_poison();
  TimedBatch call_over_poison();
  void repack(const Inputs& inputs) const;
  void check_second_batch();
  PreparedCall rotating_call() const;
  std::future<RowClocks> look_behind(const TimedBatch& batch);
  void enter(const TimedBatch& batch);
  void enter(const RowClocks& clocks);
  void take_host_time(const TimedBatch& batch);
  HostTime time_host_alone(const TimedBatch& batch);
  std::vector<CallRecords> trace_kernels(double event_us);
  void enter(const std::vector<CallRecords>& traced_calls);
  void check_backend() const;
  void time_packing(const at::Tensor& output);
  void take_packing_times(const at::Tensor& output);
  void enter_limits();
  at::Tensor check(const at::Tensor& output);
  void enter(const Verdict& verdict, const std::vector<std::int64_t>& lengths);
  void compare(const at::Tensor& packed_output);
  void restore_output(std::string_view path, at::Tensor& output) const;

  Workbench& workbench_;
  const Path& path_;
  Row row_;
  std::shared_ptr<ConfigurationState> state_;
  PreparedCall one_call_;          // on the configuration's own inputs
  PreparedCall call_;              // the same, or in turn with calls on copies of them
  at::Tensor checked_output_;      // packed, of the call over poison
  std::int64_t held_bytes_ = 0;    // by the prepared call
  std::int64_t primed_bytes_ = 0;  // allocated in all by the first call
  Pilot pilot_;
  TimedBatch rounds_;  // all batches as one
  std::vector<CallRecords> traced_in_rounds_;
};

}  // namespace mhabench
