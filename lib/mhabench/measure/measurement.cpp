#include "mhabench/measure/measurement.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <future>
#include <iterator>
#include <stdexcept>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include "mhabench/base/statistics.h"
#include "mhabench/check/poison.h"
#include "mhabench/clocks/host_clock.h"
#include "mhabench/config/names.h"
#include "mhabench/device/device.h"
#include "mhabench/device/memory.h"
#include "mhabench/measure/out_of_memory.h"
#include "mhabench/measure/pilot.h"
#include "mhabench/measure/row_limits.h"

namespace mhabench {
namespace {

void append(std::vector<double>& all, const std::vector<double>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// As if both had been one batch.
void append(TimedBatch& all, TimedBatch batch) {
  all.total_us += batch.total_us;
  all.calls += batch.calls;
  all.enqueue_us += batch.enqueue_us;
  all.cpu_us += batch.cpu_us;
  append(all.sample_us, batch.sample_us);
  append(all.enqueue_sample_us, batch.enqueue_sample_us);
  all.last_output = std::move(batch.last_output);
}

template <typename T>
void keep_larger(std::optional<T>& kept, const std::optional<T>& value) {
  if (value && (!kept || *value > *kept)) kept = value;
}

double over_bound(const WorstError& error) { return error.error / error.bound; }

void keep_worse(std::optional<WorstError>& kept, const std::optional<WorstElement>& found,
                const std::vector<std::int64_t>& lengths) {
  if (!found) return;
  WorstError worst{0, found->token, found->feature, found->error, found->bound};
  for (const std::int64_t length : lengths) {
    if (worst.position < length) break;
    worst.position -= length;
    ++worst.sequence;
  }
  if (!kept || over_bound(worst) > over_bound(*kept)) kept = worst;
}

}  // namespace

Measurement::Measurement(Workbench& workbench, const Path& path, const MhaConfig& config)
    : workbench_(workbench), path_(path) {
  row_.path = path.name;
  row_.config = config;
  row_.device = device_name(workbench.device());
  row_.seed = workbench.configurations.seed();
}

bool Measurement::prepare() {
  const c10::InferenceMode inference;
  if (const auto why = why_too_large(row_.config, workbench_.context.room())) {
    throw std::runtime_error(*why);
  }
  enter_lengths(row_, workbench_.configurations.lengths(row_.config));
  if (auto reason = why_unsupported(path_, row_.config, workbench_.device())) {
    skip(std::move(*reason));
    return false;
  }
  state_ = workbench_.configure(row_.config);
  if (workbench_.context.canaries()) {
    row_.canary = workbench_.context.canaries()->before(row_name(path_.name, row_.config));
  }
  try {
    const auto before = allocated_bytes(workbench_.device());
    one_call_ = prepare_call(path_, row_.config, *state_->inputs, *state_->weights);
    if (before) {
      held_bytes_ = *allocated_bytes(workbench_.device()) - *before + one_call_.graph_bytes;
    }
    call_ = rotating_call();
  } catch (const Unsupported& reason) {
    skip(reason.what());
    return false;
  }
  // The first call builds what the libraries keep for a shape, and leaves the memory that the
  // second will ask for where it can be poisoned. With it these are the script's two calls to warm
  // up.
  prime();
  check_over_poison();
  if (one_call_.token_capacity > 0) check_second_batch();
  workbench_.context.cool_down();
  return true;
}

void Measurement::skip(std::string reason) {
  row_.status = RowStatus::skipped;
  row_.message = std::move(reason);
}

PreparedCall Measurement::rotating_call() const {
  PreparedCall call = one_call_;
  if (state_->copies.empty()) return call;
  std::vector<std::function<at::Tensor()>> turns{call.run};
  for (const Operands& copy : state_->copies) {
    turns.push_back(prepare_call(path_, row_.config, copy.inputs, copy.weights).run);
  }
  call.run = [turns = std::move(turns), turn = std::size_t{0}]() mutable {
    return turns[turn++ % turns.size()]();
  };
  return call;
}

void Measurement::prime() {
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::warm_up);
  const auto before = handed_out_bytes(workbench_.device());
  call_.run();
  synchronize(workbench_.device());
  if (before) primed_bytes_ = *handed_out_bytes(workbench_.device()) - *before;
}

// Fills the padding with noise for this one call, so that a path that reads it gives a wrong
// output.
void Measurement::check_over_poison() {
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::check);
  TimedBatch call;
  {
    const NoisyPadding noise(*state_->inputs);
    repack(*state_->inputs);
    call = call_over_poison();
  }
  repack(*state_->inputs);
  pilot_ = pilot_of(call);
  const at::Tensor packed = check(call.last_output);
  compare(packed);
  const ScratchMemory::Scope scratch(workbench_.context.scratch());
  checked_output_ = packed.clone();  // a path may write all of its outputs to one place
}

TimedBatch Measurement::call_over_poison() {
  // The checked call allocates what the one before it did, in blocks of which the allocator may
  // cut off less.
  constexpr std::size_t kSlack = std::size_t{32} << 20;
  const PoisonedMemory poisoned(workbench_.device(),
                                static_cast<std::size_t>(primed_bytes_) + kSlack);
  synchronize(workbench_.device());  // or the host would enqueue the call while memory is filled
  const MemoryPeak peak(workbench_.device());
  TimedBatch call = time_batch(workbench_.device(), one_call_.run, 1);
  if (const auto bytes = peak.bytes()) row_.peak_bytes = held_bytes_ + *bytes;
  return call;
}

// A call that is bound to its shapes reads what it was given; others read the inputs themselves.
void Measurement::repack(const Inputs& inputs) const {
  if (one_call_.token_capacity > 0) one_call_.pack(inputs.padded, inputs.lengths);
}

// A call that is bound to its shapes is of use where it takes the next batch too.
void Measurement::check_second_batch() {
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::check);
  const auto second = workbench_.configurations.second_batch(*state_, one_call_.token_capacity);
  const NoisyPadding noise(second->inputs);
  repack(second->inputs);
  const at::Tensor output = one_call_.run();
  {
    const ScratchMemory::Scope scratch(workbench_.context.scratch());
    enter(check_output(one_call_.to_packed(output), second->reference, second->bounds),
          second->inputs.lengths);
  }
  repack(*state_->inputs);
}

// Where calls are too long for a pilot, the checked call has to do.
const Pilot& Measurement::run_pilot(const BatchPolicy& policy) {
  const c10::InferenceMode inference;
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::warm_up);
  const std::int64_t calls = pilot_.calls_per_sample;
  const std::int64_t samples = pilot_samples(pilot_, policy);
  if (samples == 0) return pilot_;
  pilot_ = pilot_of(time_batch(workbench_.device(), call_.run, calls * samples, samples));
  return pilot_;
}

// The output as packed tokens, its verdict entered. What equals a checked output bit for bit has
// that one's verdict, for less; NaN equals nothing.
at::Tensor Measurement::check(const at::Tensor& output) {
  const ScratchMemory::Scope scratch(workbench_.context.scratch());
  at::Tensor packed = call_.to_packed(output);
  if (checked_output_.defined() && at::equal(packed, checked_output_)) return packed;
  enter(check_output(packed, state_->reference, state_->bounds), state_->inputs->lengths);
  return packed;
}

TimedBatch Measurement::time(std::int64_t calls) {
  const c10::InferenceMode inference;
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::timing);
  const std::int64_t samples = std::max<std::int64_t>(1, calls / pilot_.calls_per_sample);
  return time_batch(workbench_.device(), call_.run, calls, samples, lead_of(pilot_));
}

void Measurement::finish(const TimedBatch& batch) {
  const c10::InferenceMode inference;
  auto clocks = look_behind(batch);
  enter(batch);
  enter(trace_kernels(*row_.event_us_median));
  enter(clocks.get());
  take_host_time(batch);
  enter_limits();
  time_packing(batch.last_output);
}

void Measurement::run_round(std::int64_t calls) {
  const c10::InferenceMode inference;
  TimedBatch batch = time(calls);
  auto clocks = look_behind(batch);
  const double event_us = median(batch.sample_us);
  row_.event_rounds_us.push_back(event_us);
  std::vector<CallRecords> traced = trace_kernels(event_us);
  enter(clocks.get());
  if (!traced.empty()) row_.busy_rounds_us.push_back(summarize(traced).busy_us);
  append(rounds_, std::move(batch));
  std::move(traced.begin(), traced.end(), std::back_inserter(traced_in_rounds_));
}

void Measurement::finish_rounds() {
  const c10::InferenceMode inference;
  enter(rounds_);
  take_host_time(rounds_);
  enter(traced_in_rounds_);
  // Calls of one round are alike, and rounds differ: the interval is over rounds.
  const auto interval = median_interval(row_.busy_rounds_us);
  row_.busy_ci.reset();
  if (interval) row_.busy_ci = relative_half_width(*interval, *row_.busy_us);
  enter_limits();
  time_packing(rounds_.last_output);
}

// What has to be done right behind a batch. Reading the clocks takes the host about 1 ms and the
// GPU nothing: it goes on beside the check and the trace, which tells what the GPU does whatever
// the host takes for it, and must be over before the host is timed.
std::future<RowClocks> Measurement::look_behind(const TimedBatch& batch) {
  auto clocks =
      std::async(std::launch::async, [this] { return workbench_.context.read_clocks_again(); });
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::check);
  check(batch.last_output);
  return clocks;
}

void Measurement::enter(const TimedBatch& batch) {
  constexpr double kLow = 0.05;
  constexpr double kHigh = 0.95;
  const std::vector<double>& samples = batch.sample_us;
  row_.status = RowStatus::measured;
  row_.calls = batch.calls;
  row_.real_time_us = batch.us_per_call();
  row_.cpu_us = batch.cpu_us / static_cast<double>(batch.calls);
  row_.samples = static_cast<std::int64_t>(samples.size());
  row_.calls_per_sample = static_cast<double>(batch.calls) / static_cast<double>(samples.size());
  row_.event_us_median = median(samples);
  row_.event_us_p05 = quantile(samples, kLow);
  row_.event_us_p95 = quantile(samples, kHigh);
  if (const auto found = median_interval_of_series(samples)) {
    row_.event_ci = relative_half_width(found->interval, *row_.event_us_median);
  }
}

// Of several rounds the worst share stands.
void Measurement::enter(const RowClocks& clocks) {
  row_.sm_mhz = clocks.now.sm_mhz;
  keep_larger(row_.throttled, throttled_share(clocks.before, clocks.now));
}

void Measurement::take_host_time(const TimedBatch& batch) {
  if (!workbench_.device().is_cuda()) return;
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::host_clock);
  const auto seen = host_time_in(batch, lead_of(pilot_));
  const HostTime host = seen ? *seen : time_host_alone(batch);
  workbench_.notes.waits[path_.name] = host.syncs;
  row_.host_us = host.us;
  row_.syncs = host.syncs ? 1 : 0;
}

// Enqueueing the batch told what a call takes the host at most. But the first of some calls takes
// it longer than one in a loop does, up to 0.4 ms where the GPU is at work for 2 ms with each.
HostTime Measurement::time_host_alone(const TimedBatch& batch) {
  constexpr double kLeastShare = 0.4;
  constexpr double kLeastUs = 460;
  const double event_us = *row_.event_us_median;
  const double enqueue_us = batch.enqueue_us / static_cast<double>(batch.calls);
  const double least_us = std::min(kLeastShare * event_us, kLeastUs);
  return time_on_host(workbench_.device(), call_.run, std::clamp(enqueue_us, least_us, event_us),
                      workbench_.notes.waits[path_.name]);
}

// More busy time than the call took cannot be: such a trace is made once more, and then told. No
// calls where kernels are not traced, or the trace cannot be relied on.
std::vector<CallRecords> Measurement::trace_kernels(double event_us) {
  if (!workbench_.context.tracer()) return {};
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::trace);
  KernelTracer& tracer = *workbench_.context.tracer();
  const auto exceeds = [event_us](const KernelTrace& seen) {
    return seen.problem.empty() && exceeds_event_time(summarize(seen.calls).busy_us, event_us);
  };
  KernelTrace trace = tracer.trace(call_.run);
  if (exceeds(trace)) {
    trace = tracer.trace(call_.run);
    if (exceeds(trace)) row_.trace_suspect = 1;
  }
  if (!trace.problem.empty()) row_.trace_problem = trace.problem;
  return std::move(trace.calls);
}

void Measurement::enter(const std::vector<CallRecords>& traced_calls) {
  if (traced_calls.empty()) return;
  const TraceSummary summary = summarize(traced_calls);
  row_.busy_us = summary.busy_us;
  row_.busy_ci = summary.busy_ci;
  row_.kernels = summary.kernels;
  if (summary.backend) row_.backend = std::string(name_of(*summary.backend));
  check_backend();
  workbench_.keep_kernels(row_name(row_.path, row_.config), traced_calls);
}

// The pin is a setting of PyTorch's; the kernels tell whether it was heeded.
void Measurement::check_backend() const {
  if (!row_.config.sdpa || row_.backend.empty()) return;
  const std::string_view pinned = name_of(*row_.config.sdpa);
  TORCH_CHECK(row_.backend == pinned, "pinned to ", pinned, ", but kernels of ", row_.backend,
              " ran");
}

// Last, since the call reads what was packed from then on. `output` is one of its calls'. A row
// that was measured stays one where packing fails, for want of memory or beyond what PyTorch's
// kernels can index.
void Measurement::time_packing(const at::Tensor& output) {
  if (!one_call_.pack) return;
  try {
    take_packing_times(output);
  } catch (const std::exception& error) {
    row_.pack_us.reset();
    row_.unpack_us.reset();
    row_.pack_problem = message_of(error);
  }
}

void Measurement::take_packing_times(const at::Tensor& output) {
  constexpr std::int64_t kSamples = 3;
  const PhaseTimes::Scope phase(workbench_.notes.phases, Phase::timing);
  const auto median_us = [this](const std::function<at::Tensor()>& call) {
    call();
    return median(time_batch(workbench_.device(), call, kSamples, kSamples).sample_us);
  };
  if (one_call_.unpack) row_.unpack_us = median_us([&] { return one_call_.unpack(output); });
  row_.pack_us = median_us([this] {
    one_call_.pack(state_->inputs->padded, state_->inputs->lengths);
    return at::Tensor();
  });
}

void Measurement::enter_limits() {
  enter_work(row_, path_.executes);
  PeakMeter& meter = workbench_.context.peaks();
  const std::optional<PeakRates> peaks = meter.rates(row_.config.dtype);
  if (peaks) enter_floor(row_, *peaks, meter.cache_bytes());
}

// What is known of the row apart from times: nothing was measured to its end.
void Measurement::fail(const std::exception& error) {
  Row failed;
  failed.path = row_.path;
  failed.config = row_.config;
  failed.device = row_.device;
  failed.seed = row_.seed;
  failed.tokens = row_.tokens;
  failed.sum_len_sq = row_.sum_len_sq;
  failed.padding = row_.padding;
  failed.lengths_crc = row_.lengths_crc;
  failed.errors = row_.errors;
  failed.nonfinite = row_.nonfinite;
  failed.max_abs_err = row_.max_abs_err;
  failed.rel_err = row_.rel_err;
  failed.rel_bound = row_.rel_bound;
  failed.worst = row_.worst;
  failed.agrees = row_.agrees;
  failed.backend = row_.backend;
  failed.peak_bytes = row_.peak_bytes;
  failed.status = RowStatus::failed;
  failed.message = message_of(error);
  failed.bytes_asked = bytes_asked(failed.message);
  row_ = std::move(failed);
}

// The worse of a row's checks stands.
void Measurement::enter(const Verdict& verdict, const std::vector<std::int64_t>& lengths) {
  keep_larger(row_.errors, std::optional<int>(verdict.correct ? 0 : 1));
  row_.rel_bound = verdict.rel_bound;
  if (verdict.nonfinite > 0) keep_larger(row_.nonfinite, std::optional(verdict.nonfinite));
  keep_larger(row_.max_abs_err, verdict.max_abs_err);
  keep_larger(row_.rel_err, verdict.rel_err);
  keep_worse(row_.worst, verdict.worst, lengths);
  if (row_.nonfinite) {
    row_.max_abs_err.reset();
    row_.rel_err.reset();
    row_.worst.reset();
  }
}

void Measurement::compare(const at::Tensor& packed_output) {
  const bool slow = path_.name == "slow";
  if (!slow && path_.name != "fast") return;
  const ScratchMemory::Scope scratch(workbench_.context.scratch());
  (slow ? state_->slow_output : state_->fast_output) = packed_output;
  restore_output(slow ? "fast" : "slow", slow ? state_->fast_output : state_->slow_output);
  if (state_->slow_output.defined() && state_->fast_output.defined()) {
    row_.agrees = outputs_agree(state_->fast_output, state_->slow_output);
  }
  workbench_.notes.seen_outputs.insert(row_name(path_.name, row_.config));
}

// The row of the other path may have run in another process, or its output been dropped since.
void Measurement::restore_output(std::string_view path, at::Tensor& output) const {
  if (output.defined() || !workbench_.notes.seen_outputs.contains(row_name(path, row_.config)))
    return;
  try {
    const PreparedCall call =
        prepare_call(find_path(path), row_.config, *state_->inputs, *state_->weights);
    output = call.to_packed(call.run());
  } catch (const c10::Error&) {
    // That path's trouble, not this row's: whether they agree stays unknown.
  }
}

}  // namespace mhabench
