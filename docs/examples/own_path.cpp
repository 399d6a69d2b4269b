// Checks and times a path of one's own beside two of the library's, by up to three clocks.
#include <iostream>
#include <string>

#include <c10/core/InferenceMode.h>

#include "mhabench/check/verdict.h"
#include "mhabench/clocks/event_clock.h"
#include "mhabench/clocks/host_clock.h"
#include "mhabench/clocks/kernel_trace.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/names.h"
#include "mhabench/device/device.h"
#include "one_by_one.h"

int main() {
  using namespace mhabench;
  constexpr std::uint64_t kSeed = 26214;
  const c10::InferenceMode inference;
  const c10::Device device = choose_device({}, probe_cuda()).device;

  MhaConfig config{.batch = 16, .seq_len = 64, .embed_dim = 256, .heads = 8};
  config.lengths.beta = Decimal::parse("0.85");
  if (device.is_cpu()) config.dtype = Dtype::fp32;

  const Inputs inputs = make_inputs(config, make_lengths(config, kSeed), device, kSeed);
  const Weights weights = make_weights(config, device, kSeed);
  const Reference reference = make_reference(config, inputs, weights, default_chunk_bytes(device));
  const Bounds bounds = make_bounds(config, reference);

  const std::string packed = device.is_cuda() ? "packed_flash" : "packed_cpu";
  for (const Path& path : {find_path("slow"), find_path(packed), one_by_one_path()}) {
    const PreparedCall call = prepare_call(path, config, inputs, weights);
    const Verdict verdict = check_output(call.to_packed(call.run()), reference, bounds);
    const TimedBatch batch = time_batch(device, call.run, /*calls=*/20, /*samples=*/10);
    std::cout << row_name(path.name, config) << (verdict.correct ? ": right" : ": WRONG")
              << ", event_us " << batch.us_per_call();
    if (device.is_cuda()) {
      const KernelTrace trace = KernelTracer(device).trace(call.run);
      std::cout << ", host_us " << time_on_host(device, call.run, batch.us_per_call()).us;
      if (trace.problem.empty()) std::cout << ", busy_us " << summarize(trace.calls).busy_us;
    }
    std::cout << '\n';
  }
}
