#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "mhabench/check/reference.h"
#include "mhabench/check/scratch.h"
#include "mhabench/check/tolerance.h"
#include "mhabench/check/verdict.h"
#include "mhabench/clocks/canary.h"
#include "mhabench/clocks/event_clock.h"
#include "mhabench/clocks/host_plan.h"
#include "mhabench/clocks/kernel_trace.h"
#include "mhabench/config/config.h"
#include "mhabench/device/device_state.h"
#include "mhabench/device/nvml.h"
#include "mhabench/inputs/cache.h"
#include "mhabench/inputs/rotation.h"
#include "mhabench/measure/batch_plan.h"
#include "mhabench/measure/canaries.h"
#include "mhabench/measure/needs.h"
#include "mhabench/measure/phases.h"
#include "mhabench/paths/path.h"
#include "mhabench/peaks/peaks.h"
#include "mhabench/results/row.h"

namespace mhabench {

/// What the paths of one configuration share: the batch, the parameters, the reference, and the
/// first checked output of slow and fast, which are held against each other.
struct ConfigurationState {
  MhaConfig config;
  std::shared_ptr<const Inputs> inputs;
  std::shared_ptr<const Weights> weights;
  std::vector<Operands> copies;  ///< that calls cycle through besides; empty where the L2 is warm
  Reference reference;
  Bounds bounds;
  at::Tensor slow_output, fast_output;  ///< (tokens, embed_dim); undefined until known

  /// A batch that calls bound to their shapes take after the first, made when one asks for it.
  struct SecondBatch {
    Inputs inputs;
    Reference reference;
    Bounds bounds;
  };
  std::int64_t second_capacity = 0;  ///< that it was drawn for
  std::shared_ptr<const SecondBatch> second;
};

/// What is measured beside the event clock's time.
struct ClockSettings {
  bool trace = true;          ///< kernels, on a GPU
  bool cooldown = false;      ///< wait before a row until nothing holds the GPU's clock back
  bool keep_kernels = false;  ///< for a file of each row's kernels
  std::optional<PeakRates> peaks = {};  ///< of the device, where they are not to be measured
  std::optional<double> canary_s = {};  ///< how often at most a canary is timed; absent: never
};

/// Hands out the state of one configuration after the other. Only the last one is kept whole:
/// rows of a configuration stand side by side, and a reference is as large as all its inputs.
class Workbench {
 public:
  Workbench(c10::Device device, std::uint64_t seed, const ClockSettings& clocks = {});

  /// Throws c10::Error where memory runs out.
  std::shared_ptr<ConfigurationState> configure(const MhaConfig& config);

  /// Another batch of the state's configuration of at most `capacity` tokens.
  std::shared_ptr<const ConfigurationState::SecondBatch> second_batch(ConfigurationState& state,
                                                                      std::int64_t capacity);

  const std::vector<std::int64_t>& lengths(const MhaConfig& config) {
    return cache_.lengths(config);
  }
  c10::Device device() const { return cache_.device(); }
  std::uint64_t seed() const { return cache_.seed(); }

  /// After a row that failed: what the next one uses is made anew, and where memory ran out all of
  /// it is given back first. Remembers an error that the device does not recover from.
  void recover(bool out_of_memory);
  /// The same among rows that share their state.
  void recover_within_configuration(bool out_of_memory);
  const std::optional<std::string>& lost_device() const { return lost_device_; }

  /// A row whose output was seen, by this process or by one that was gone on with, so that another
  /// row's can be held against it; and whether there was one.
  void note_output(const std::string& row_name) { seen_outputs_.insert(row_name); }
  bool has_seen_output(const std::string& row_name) const {
    return seen_outputs_.contains(row_name);
  }
  PhaseTimes& phases() { return phases_; }

  /// The GPU's clocks now, and those of the last time this was asked: reading them takes the host
  /// about 1 ms, so that the end of one row is the start of the next.
  struct Clocks {
    ClockState before, now;
  };
  Clocks read_clocks_again();

  /// What the tracer of kernels sees of some calls, absent where nothing can be traced; "why" then.
  std::optional<KernelTracer>& tracer() { return tracer_; }
  const std::string& why_no_trace() const { return why_no_trace_; }

  /// The GPU's clocks, heat and power now; all absent on the CPU.
  DeviceState device_state() const { return read_state(gpu_); }

  /// Waits for the GPU's clock where that was asked for.
  void cool_down() const;

  /// Keeps a row's trace as a line of the file of kernels, where one was asked for.
  void keep_kernels(const std::string& row_name, const std::vector<CallRecords>& calls);
  const std::string& kernel_lines() const { return kernel_lines_; }
  ScratchMemory& scratch() { return scratch_; }

  /// Whether the last row of a path waited for the GPU in its calls, as its next one then will.
  void note_waiting(const std::string& path, bool waits) { waits_[path] = waits; }
  bool has_waited(const std::string& path) const {
    const auto found = waits_.find(path);
    return found != waits_.end() && found->second;
  }

  /// Looked at before each configuration; absent where none was asked for.
  std::optional<Canaries>& canaries() { return canaries_; }

  /// The device's rates, measured when the first row of a dtype asks.
  PeakMeter& peaks() { return peaks_; }

  /// When it was made.
  const Room& room() const { return room_; }

 private:
  std::vector<Operands> copies(const ConfigurationState& state) const;
  void keep_a_canary();

  InputCache cache_;
  ClockSettings clocks_;
  std::size_t l2_bytes_ = 0;
  PhaseTimes phases_;
  nvml::Gpu gpu_;
  ClockState last_clocks_;
  std::optional<double> calm_celsius_;
  std::optional<KernelTracer> tracer_;
  std::string why_no_trace_;
  std::string kernel_lines_;
  PeakMeter peaks_;
  Room room_;
  std::optional<Canaries> canaries_;
  ScratchMemory scratch_;  // outlives the state that lies in it
  std::shared_ptr<ConfigurationState> current_;
  std::optional<std::string> lost_device_;
  std::unordered_set<std::string> seen_outputs_;
  std::unordered_map<std::string, bool> waits_;  // by path
};

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
  std::future<Workbench::Clocks> look_behind(const TimedBatch& batch);
  void enter(const TimedBatch& batch);
  void enter(const Workbench::Clocks& clocks);
  void take_host_time(const TimedBatch& batch);
  HostTime time_host_alone(const TimedBatch& batch) const;
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
