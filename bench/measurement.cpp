#include "bench/measurement.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include "mhabench/check/poison.h"
#include "mhabench/clocks/device.h"
#include "mhabench/clocks/host_clock.h"
#include "mhabench/clocks/kernel_lines.h"
#include "mhabench/clocks/statistics.h"
#include "mhabench/config/names.h"
#include "mhabench/inputs/lengths.h"

namespace mhabench::bench {
namespace {

// Inputs that nobody holds may keep this share of what is free at the start.
constexpr std::size_t kCacheShare = 8;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// LibTorch's errors carry a backtrace; their first line says what is wrong.
std::string message_of(const std::exception& error) {
  if (const auto* const torch = dynamic_cast<const c10::Error*>(&error)) {
    return first_line(torch->what_without_backtrace());
  }
  return first_line(error.what());
}

template <typename T>
void keep_larger(std::optional<T>& kept, const std::optional<T>& value) {
  if (value && (!kept || *value > *kept)) kept = value;
}

}  // namespace

Workbench::Workbench(c10::Device device, std::uint64_t seed, const ClockSettings& clocks)
    : cache_(device, seed, free_memory(device) / kCacheShare), clocks_(clocks), scratch_(device) {
  if (!device.is_cuda()) return;
  gpu_ = nvml::Gpu(describe(device).uuid.value_or(""));
  calm_celsius_ = gpu_.temperature_celsius();
  last_clocks_ = read_clocks(gpu_);
  if (!clocks.trace) return;
  tracer_.emplace(device);
  if (tracer_->unavailable()) {
    why_no_trace_ = *tracer_->unavailable();
    tracer_.reset();
  }
}

Workbench::Clocks Workbench::read_clocks_again() {
  const Clocks clocks{last_clocks_, read_clocks(gpu_)};
  last_clocks_ = clocks.now;
  return clocks;
}

void Workbench::cool_down() const {
  constexpr double kDegreesAboveStart = 10;
  if (!clocks_.cooldown) return;
  Cooldown cooldown;
  if (calm_celsius_) cooldown.below_celsius = *calm_celsius_ + kDegreesAboveStart;
  wait_for_clock(gpu_, cooldown);
}

void Workbench::keep_kernels(const std::string& row_name, const std::vector<CallRecords>& calls) {
  if (clocks_.keep_kernels) kernel_lines_ += kernel_line(row_name, calls);
}

std::shared_ptr<ConfigurationState> Workbench::configure(const MhaConfig& config) {
  if (current_ && current_->config == config) return current_;
  current_.reset();  // its reference makes room for the next one
  auto state = std::make_shared<ConfigurationState>();
  state->config = config;
  {
    const PhaseTimes::Scope phase(phases_, Phase::inputs);
    state->inputs = cache_.inputs(config);
    state->weights = cache_.weights(config);
    synchronize(device());
  }
  const PhaseTimes::Scope phase(phases_, Phase::reference);
  const ScratchMemory::Scope scratch(scratch_);
  state->reference =
      make_reference(config, *state->inputs, *state->weights, default_chunk_bytes(device()));
  state->bounds = make_bounds(config, state->reference);
  current_ = std::move(state);
  return current_;
}

Measurement::Measurement(Workbench& workbench, const Path& path, const MhaConfig& config)
    : workbench_(workbench), path_(path) {
  row_.path = path.name;
  row_.config = config;
  row_.device = device_name(workbench.device());
  row_.seed = workbench.seed();
}

bool Measurement::prepare() {
  const c10::InferenceMode inference;
  const LengthStats stats =
      stats_of(make_lengths(row_.config, workbench_.seed()), row_.config.seq_len);
  row_.tokens = stats.tokens;
  row_.sum_len_sq = stats.sum_len_sq;
  row_.padding = stats.padding;
  if (auto reason = path_.unsupported(row_.config, workbench_.device())) {
    row_.status = RowStatus::skipped;
    row_.message = std::move(*reason);
    return false;
  }
  state_ = workbench_.configure(row_.config);
  call_ = path_.prepare(row_.config, *state_->inputs, *state_->weights);
  // The first call builds what the libraries keep for a shape, and leaves the memory that the
  // second will ask for where it can be poisoned. With it these are the script's two calls to warm
  // up.
  warm_up();
  check_over_poison();
  workbench_.cool_down();
  pilot_.us_per_call = warm_up();
  pilot_.calls_per_sample = calls_per_sample(pilot_.us_per_call);
  return true;
}

double Measurement::warm_up() {
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::warm_up);
  return time_batch(workbench_.device(), call_.run, 1).us_per_call();
}

void Measurement::check_over_poison() {
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::check);
  at::Tensor output;
  {
    const PoisonedMemory poisoned(workbench_.device());
    output = call_.run();
  }
  compare(check(output));
}

const Pilot& Measurement::run_pilot() {
  constexpr double kNearlyAll = 0.9;
  const c10::InferenceMode inference;
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::warm_up);
  const std::int64_t calls = pilot_.calls_per_sample;
  const std::int64_t samples = pilot_samples(pilot_.us_per_call * static_cast<double>(calls));
  TimedBatch batch = time_batch(workbench_.device(), call_.run, calls * samples, samples);
  pilot_.host_limited = batch.enqueue_us > kNearlyAll * batch.total_us;
  pilot_.us_per_call = batch.us_per_call();
  pilot_.calls_per_sample = calls_per_sample(pilot_.us_per_call);
  pilot_.sample_us = std::move(batch.sample_us);
  return pilot_;
}

// The output as packed tokens, its verdict entered.
at::Tensor Measurement::check(const at::Tensor& output) {
  const ScratchMemory::Scope scratch(workbench_.scratch());
  at::Tensor packed = call_.to_packed(output);
  enter(check_output(packed, state_->reference, state_->bounds));
  return packed;
}

TimedBatch Measurement::time(std::int64_t calls) {
  const c10::InferenceMode inference;
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::timing);
  const std::int64_t samples = std::max<std::int64_t>(1, calls / pilot_.calls_per_sample);
  // A GPU that is at work when the batch begins does not wait for its first call to be enqueued.
  if (workbench_.device().is_cuda()) call_.run();
  return time_batch(workbench_.device(), call_.run, calls, samples);
}

void Measurement::finish(const TimedBatch& batch) {
  const c10::InferenceMode inference;
  enter_state();
  {
    const PhaseTimes::Scope phase(workbench_.phases(), Phase::check);
    check(batch.last_output);
  }
  enter(batch);
  if (workbench_.device().is_cuda()) take_host_time();
  if (workbench_.tracer()) trace_kernels();
}

void Measurement::enter(const TimedBatch& batch) {
  constexpr double kLow = 0.05;
  constexpr double kHigh = 0.95;
  const std::vector<double>& samples = batch.sample_us;
  row_.status = RowStatus::measured;
  row_.calls = batch.calls;
  row_.real_time_us = batch.us_per_call();
  row_.samples = static_cast<std::int64_t>(samples.size());
  row_.calls_per_sample = static_cast<double>(batch.calls) / static_cast<double>(samples.size());
  row_.event_us_median = median(samples);
  row_.event_us_p05 = quantile(samples, kLow);
  row_.event_us_p95 = quantile(samples, kHigh);
  if (const auto found = median_interval_of_series(samples)) {
    row_.event_ci = relative_half_width(found->interval, *row_.event_us_median);
  }
}

// Read right behind the batch, before the GPU clocks down.
void Measurement::enter_state() {
  const Workbench::Clocks clocks = workbench_.read_clocks_again();
  row_.sm_mhz = clocks.now.sm_mhz;
  row_.throttled = throttled_share(clocks.before, clocks.now);
}

void Measurement::take_host_time() {
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::host_clock);
  const HostTime host = time_on_host(workbench_.device(), call_.run);
  row_.host_us = host.us;
  row_.syncs = host.syncs ? 1 : 0;
}

// More busy time than the call took cannot be: such a trace is made once more, and then told.
void Measurement::trace_kernels() {
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::trace);
  KernelTracer& tracer = *workbench_.tracer();
  KernelTrace trace = tracer.trace(call_.run);
  const auto exceeds = [this](const KernelTrace& seen) {
    return seen.problem.empty() &&
           exceeds_event_time(summarize(seen.calls).busy_us, *row_.event_us_median);
  };
  if (exceeds(trace)) {
    trace = tracer.trace(call_.run);
    if (exceeds(trace)) row_.trace_suspect = 1;
  }
  if (!trace.problem.empty()) {
    row_.trace_problem = trace.problem;
    return;
  }
  const TraceSummary summary = summarize(trace.calls);
  row_.busy_us = summary.busy_us;
  row_.busy_ci = summary.busy_ci;
  row_.kernels = summary.kernels;
  if (summary.backend) row_.backend = std::string(name_of(*summary.backend));
  workbench_.keep_kernels(row_name(row_.path, row_.config), trace.calls);
}

void Measurement::fail(const std::exception& error) {
  row_.status = RowStatus::failed;
  row_.message = message_of(error);
  row_.real_time_us.reset();
}

// The worse of a row's checks stands.
void Measurement::enter(const Verdict& verdict) {
  keep_larger(row_.errors, std::optional<int>(verdict.correct ? 0 : 1));
  row_.tolerance = verdict.tolerance;
  if (verdict.nonfinite > 0) keep_larger(row_.nonfinite, std::optional(verdict.nonfinite));
  keep_larger(row_.max_abs_err, verdict.max_abs_err);
  keep_larger(row_.rel_err, verdict.rel_err);
  if (row_.nonfinite) {
    row_.max_abs_err.reset();
    row_.rel_err.reset();
  }
}

void Measurement::compare(const at::Tensor& packed_output) {
  if (path_.name == "slow") state_->slow_output = packed_output;
  if (path_.name == "fast") state_->fast_output = packed_output;
  const bool one_of_both = path_.name == "slow" || path_.name == "fast";
  if (one_of_both && state_->slow_output.defined() && state_->fast_output.defined()) {
    const ScratchMemory::Scope scratch(workbench_.scratch());
    row_.agrees = outputs_agree(state_->fast_output, state_->slow_output);
  }
}

}  // namespace mhabench::bench
