#include "bench/tools/self_test.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "bench/cli/options.h"
#include "bench/run/registration.h"
#include "bench/run/rounds.h"
#include "mhabench/base/statistics.h"
#include "mhabench/base/text.h"
#include "mhabench/clocks/event_clock.h"
#include "mhabench/clocks/host_clock.h"
#include "mhabench/clocks/kernel_trace.h"
#include "mhabench/compare/pair_ratios.h"
#include "mhabench/device/device.h"

namespace mhabench::bench {
namespace {

using Call = std::function<at::Tensor()>;
using Outcome = Proof::Outcome;

Proof near(std::string what, double expected, double share, double reading, int digits) {
  const bool right = std::abs(reading - expected) <= share * expected;
  return {std::move(what), fixed(expected, digits) + " within " + fixed(100 * share, 1) + " %",
          fixed(reading, digits), right ? Outcome::right : Outcome::off};
}

Proof holds(std::string what, std::string expected, std::string reading, bool right) {
  return {std::move(what), std::move(expected), std::move(reading),
          right ? Outcome::right : Outcome::off};
}

Proof skipped(std::string what, std::string reason) {
  return {std::move(what), "", std::move(reason), Outcome::skipped};
}

void spin(std::chrono::microseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
  }
}

// Known lengths of work: a spin of the host on the CPU, a sleep of the GPU elsewhere.
struct KnownWork {
  Call once, twice;
};

// Such work never takes less time than it should, and on a busy machine more: the least is read.
double event_us(c10::Device device, const Call& call) {
  constexpr std::int64_t kCalls = 9;
  const TimedBatch batch = time_batch(device, call, kCalls, kCalls);
  return *std::min_element(batch.sample_us.begin(), batch.sample_us.end());
}

// In turn, so that a clock which moves meets both alike.
std::pair<double, double> event_us_of_both(c10::Device device, const KnownWork& work) {
  constexpr int kTurns = 5;
  std::pair<double, double> us{event_us(device, work.once), event_us(device, work.twice)};
  for (int turn = 1; turn < kTurns; ++turn) {
    us.first = std::min(us.first, event_us(device, work.once));
    us.second = std::min(us.second, event_us(device, work.twice));
  }
  return us;
}

// --- twins --------------------------------------------------------------------------------------

MhaConfig twins_config(c10::Device device) {
  const LengthsSource lengths{LengthsKind::beta, Decimal::parse("0.85"), {}, 0, {}};
  if (device.is_cpu()) return {Dtype::fp32, 4, 64, 64, 4, lengths};
  return {Dtype::fp16, 64, 256, 512, 8, lengths};
}

std::vector<PairRatio> ratios_of_twins(c10::Device device) {
  constexpr int kRounds = 6;
  constexpr std::uint64_t kSeed = 1;
  Path first = find_path("slow");
  first.name = "twin";
  Path second = find_path("slow");
  second.name = "other twin";
  const std::vector<PlannedRow> rows{{"twin", &first, twins_config(device)},
                                     {"other twin", &second, twins_config(device)}};
  Workbench workbench(device, kSeed);
  Rounds rounds(rows, kRounds, batch_policy(Options{}, device), workbench);
  std::vector<Row> measured;
  for (const PlannedRow& row : rows) measured.push_back(rounds.take(row.name));
  return ratios_of(measured);
}

std::string interval_text(const PairRatio& ratio) {
  return fixed(ratio.ratio, 4) + " (" + fixed(ratio.low, 4) + " to " + fixed(ratio.high, 4) + ")";
}

void prove_twins(c10::Device device, std::vector<Proof>& proofs) {
  constexpr int kTries = 3;
  std::vector<PairRatio> ratios;
  const auto decided = [](const PairRatio& ratio) { return ratio.verdict != "undecided"; };
  for (int attempt = 0; attempt < kTries; ++attempt) {
    ratios = ratios_of_twins(device);
    if (std::none_of(ratios.begin(), ratios.end(), decided)) break;
  }
  for (const PairRatio& ratio : ratios) {
    proofs.push_back(holds("a path over its twin, " + ratio.clock + " clock",
                           "an interval that holds 1", interval_text(ratio), !decided(ratio)));
  }
  if (ratios.empty()) {
    proofs.push_back(holds("a path over its twin", "a ratio", "none was measured", false));
  }
}

// --- the CPU ------------------------------------------------------------------------------------

std::vector<Proof> prove_on_cpu(c10::Device device) {
  constexpr std::chrono::microseconds kLength(1'000);
  const at::Tensor nothing;
  const KnownWork work{[=] {
                         spin(kLength);
                         return nothing;
                       },
                       [=] {
                         spin(2 * kLength);
                         return nothing;
                       }};
  const auto [once, twice] = event_us_of_both(device, work);
  std::vector<Proof> proofs;
  proofs.push_back(near("a spin of 2 ms over one of 1 ms", 2, 0.002, twice / once, 4));
  proofs.push_back(near("a spin of 1 ms, us", kLength.count(), 0.01, once, 1));
  proofs.push_back(skipped("host clock, kernel trace", "they need a GPU"));
  prove_twins(device, proofs);
  return proofs;
}

// --- a GPU --------------------------------------------------------------------------------------

constexpr double kLongUs = 2'000;
constexpr double kShortUs = 100;

// By the highest clock of the GPU: at a lower one it is longer.
Call sleeping(c10::Device device, double us) {
  return [=] {
    put_to_sleep(device, us);
    return at::Tensor();
  };
}

// What the kernel trace reads of a call; absent where it cannot.
std::optional<TraceSummary> traced(KernelTracer& tracer, const Call& call) {
  const KernelTrace trace = tracer.trace(call);
  if (!trace.problem.empty()) return std::nullopt;
  return summarize(trace.calls);
}

double host_us(c10::Device device, const Call& call, double event_us) {
  constexpr int kReadings = 5;
  std::vector<double> readings;
  while (readings.size() < kReadings) readings.push_back(time_on_host(device, call, event_us).us);
  return median(readings);
}

// Brings the clock up to what it keeps.
void warm_up(c10::Device device) { time_batch(device, sleeping(device, kLongUs), 50); }

void prove_sleeps(c10::Device device, KernelTracer& tracer, std::vector<Proof>& proofs) {
  const KnownWork work{sleeping(device, kLongUs), sleeping(device, 2 * kLongUs)};
  const auto [once, twice] = event_us_of_both(device, work);
  proofs.push_back(near("a sleep of 2N over one of N, event clock", 2, 0.002, twice / once, 4));
  const auto once_traced = traced(tracer, work.once);
  const auto twice_traced = traced(tracer, work.twice);
  if (!once_traced || !twice_traced) {
    proofs.push_back(skipped("kernel trace", tracer.unavailable().value_or("the trace failed")));
    return;
  }
  proofs.push_back(near("a sleep of 2N over one of N, kernel trace", 2, 0.002,
                        twice_traced->busy_us / once_traced->busy_us, 4));
  proofs.push_back(
      near("event clock over kernel trace, N", 1, 0.01, once / once_traced->busy_us, 4));
  proofs.push_back(
      near("event clock over kernel trace, 2N", 1, 0.01, twice / twice_traced->busy_us, 4));
}

void prove_host_clock(c10::Device device, std::vector<Proof>& proofs) {
  constexpr std::chrono::microseconds kSpin(500);
  const auto spinning = [=] {
    spin(kSpin);
    return at::Tensor();
  };
  proofs.push_back(near("a spin of the host of 500 us, host clock", kSpin.count(), 0.01,
                        host_us(device, spinning, kSpin.count()), 1));
}

// A short kernel, whose launch is most of what the host does.
void prove_planted_work(c10::Device device, KernelTracer& tracer, std::vector<Proof>& proofs) {
  constexpr std::chrono::microseconds kDelay(200);
  const Call plain = sleeping(device, kShortUs);
  const Call delayed = [=] {
    spin(kDelay);
    return plain();
  };
  const Call with_kernel = [=] {
    plain();
    return plain();
  };
  const double plain_host = host_us(device, plain, 300);
  proofs.push_back(near("a delay of the host of 200 us, host clock", kDelay.count(), 0.05,
                        host_us(device, delayed, 300) - plain_host, 1));
  const double launches = host_us(device, with_kernel, 300) / plain_host;
  proofs.push_back(holds("a second launch, host clock", "1.2 to 3 times one", fixed(launches, 2),
                         launches > 1.2 && launches < 3));
  const auto base = traced(tracer, plain);
  const auto with_delay = traced(tracer, delayed);
  const auto with_second = traced(tracer, with_kernel);
  if (!base || !with_delay || !with_second) return;  // told where the sleeps are traced
  proofs.push_back(near("the same delay over none, kernel trace", 1, 0.01,
                        with_delay->busy_us / base->busy_us, 4));
  proofs.push_back(
      near("a second kernel, kernel trace", 2, 0.01, with_second->busy_us / base->busy_us, 4));
  proofs.push_back(near("kernels of that call", 2, 0, with_second->kernels, 0));
  // A sleep is longer than it is asked to be by a microsecond or two, which shows in a short one.
  const Call twentieth = sleeping(device, kShortUs / 20);
  const auto alone = traced(tracer, twentieth);
  const auto longer = traced(tracer, [=] {
    plain();
    return twentieth();
  });
  if (!alone || !longer) return;
  proofs.push_back(near("a twentieth of a kernel behind it, kernel trace",
                        base->busy_us + alone->busy_us, 0.005, longer->busy_us, 1));
}

// The fastest launch of many, so that what else the machine does cancels out.
double launch_us(const at::Tensor& values) {
  using Clock = std::chrono::steady_clock;
  constexpr int kLaunches = 500;
  double least = std::numeric_limits<double>::max();
  for (int turn = 0; turn < 50; ++turn) {
    synchronize(values.device());
    const auto start = Clock::now();
    for (int i = 0; i < kLaunches; ++i) values.add_(1);
    const std::chrono::duration<double, std::micro> took = Clock::now() - start;
    least = std::min(least, took.count() / kLaunches);
  }
  return least;
}

// Comes before all other traces: what a trace leaves behind is seen only against a process that has
// made none.
void prove_traces_leave_launches_alone(c10::Device device, KernelTracer& tracer,
                                       std::vector<Proof>& proofs) {
  const at::Tensor values = at::zeros({64}, at::TensorOptions().device(device));
  const double before = launch_us(values);
  if (!traced(tracer, [&] { return values.add_(1); })) return;  // told where the sleeps are traced
  const double after = launch_us(values);
  proofs.push_back(holds("a launch after a trace, us", "at most " + fixed(before, 2) + " + 5 %",
                         fixed(after, 2), after < 1.05 * before + 0.05));
}

void prove_syncs(c10::Device device, std::vector<Proof>& proofs) {
  const auto waiting = [device] {
    put_to_sleep(device, kShortUs);
    synchronize(device);
    return at::Tensor();
  };
  const bool waits = time_on_host(device, waiting, 120).syncs;
  const bool returns = time_on_host(device, sleeping(device, kShortUs), 120).syncs;
  proofs.push_back(
      holds("a call that waits for the GPU", "syncs", waits ? "syncs" : "does not", waits));
  proofs.push_back(
      holds("a call that does not", "does not sync", returns ? "syncs" : "does not", !returns));
}

std::vector<Proof> prove_on_gpu(c10::Device device) {
  std::vector<Proof> proofs;
  KernelTracer tracer(device);
  warm_up(device);
  prove_traces_leave_launches_alone(device, tracer, proofs);
  prove_sleeps(device, tracer, proofs);
  prove_host_clock(device, proofs);
  prove_planted_work(device, tracer, proofs);
  prove_syncs(device, proofs);
  prove_twins(device, proofs);
  return proofs;
}

const char* word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::right:
      return "right";
    case Outcome::off:
      return "OFF";
    case Outcome::skipped:
      return "skipped";
  }
  return "";
}

std::size_t count_of(const std::vector<Proof>& proofs, Outcome outcome) {
  return static_cast<std::size_t>(std::count_if(
      proofs.begin(), proofs.end(), [&](const Proof& proof) { return proof.outcome == outcome; }));
}

}  // namespace

std::vector<Proof> prove_clocks(c10::Device device) {
  const c10::InferenceMode inference;
  return device.is_cpu() ? prove_on_cpu(device) : prove_on_gpu(device);
}

std::string proofs_text(const std::vector<Proof>& proofs) {
  constexpr std::size_t kGap = 2;
  std::size_t width = 0;
  for (const Proof& proof : proofs) width = std::max(width, proof.what.size() + kGap);
  std::string text;
  for (const Proof& proof : proofs) {
    std::string outcome = word_of(proof.outcome);
    outcome.resize(std::string(word_of(Outcome::skipped)).size() + kGap, ' ');
    text += outcome + proof.what + std::string(width - proof.what.size(), ' ');
    const bool read = proof.outcome != Outcome::skipped;
    text += (read ? "expected " + proof.expected + ", read " : "") + proof.reading + '\n';
  }
  return text + "Clocks: " + std::to_string(count_of(proofs, Outcome::right)) + " right, " +
         std::to_string(count_of(proofs, Outcome::off)) + " off, " +
         std::to_string(count_of(proofs, Outcome::skipped)) + " skipped\n";
}

bool all_right(const std::vector<Proof>& proofs) { return count_of(proofs, Outcome::off) == 0; }

}  // namespace mhabench::bench
