#include "bench/measurement.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include "mhabench/check/poison.h"
#include "mhabench/clocks/device.h"
#include "mhabench/inputs/lengths.h"

namespace mhabench::bench {
namespace {

constexpr int kWarmUpCalls = 2;  // as the script

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

Workbench::Workbench(c10::Device device, std::uint64_t seed)
    : cache_(device, seed, free_memory(device) / kCacheShare), scratch_(device) {}

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
  // second will ask for where it can be poisoned.
  warm_up(1);
  check_over_poison();
  estimated_us_ = warm_up(kWarmUpCalls);
  return true;
}

double Measurement::warm_up(int calls) {
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::warm_up);
  return time_batch(workbench_.device(), call_.run, calls).us_per_call();
}

void Measurement::check_over_poison() {
  at::Tensor output;
  {
    const PhaseTimes::Scope phase(workbench_.phases(), Phase::poison);
    const PoisonedMemory poisoned(workbench_.device());
    output = call_.run();
    synchronize(workbench_.device());
  }
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::check);
  compare(check(output));
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
  return time_batch(workbench_.device(), call_.run, calls);
}

void Measurement::finish(const TimedBatch& batch) {
  const c10::InferenceMode inference;
  const PhaseTimes::Scope phase(workbench_.phases(), Phase::check);
  check(batch.last_output);
  row_.status = RowStatus::measured;
  row_.calls = batch.calls;
  row_.real_time_us = batch.us_per_call();
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

std::int64_t calls_for(double target_seconds, double estimated_us, std::int64_t at_least) {
  constexpr double kMargin = 1.15;
  constexpr double kMicroseconds = 1e6;
  constexpr double kMostCalls = 1e8;
  const double calls =
      std::ceil(kMargin * target_seconds * kMicroseconds / std::max(estimated_us, 1e-3));
  return std::max(at_least, static_cast<std::int64_t>(std::min(calls, kMostCalls)));
}

}  // namespace mhabench::bench
