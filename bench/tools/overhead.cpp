// mha_overhead: what the suite itself costs a call. Times slow and fast over 20 configurations, and
// on a GPU the replay of a graph of some 8 us, twice in one run, as rows of the suite and in a bare
// loop over the same operations, in turn, and prints both with their ratio. Ends with status 1
// where the geometric mean is above 1.01.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include "bench/cli/flag_table.h"
#include "bench/cli/flag_values.h"
#include "bench/console/program.h"
#include "bench/console/tell.h"
#include "bench/console/warnings.h"
#include "bench/run/local_run.h"
#include "bench/run/registration.h"
#include "mhabench/base/statistics.h"
#include "mhabench/config/names.h"
#include "mhabench/device/device.h"
#include "mhabench/paths/path_table.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <ATen/cuda/Sleep.h>
#include <c10/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace mhabench::bench {
namespace {

constexpr double kAllowed = 1.01;

std::vector<MhaConfig> twenty_configurations(Dtype dtype) {
  const auto betas = [](const char* text) {
    return LengthsSource{LengthsKind::beta, Decimal::parse(text), {}, 0, {}};
  };
  struct Width {
    std::int64_t embed_dim, heads;
  };
  std::vector<MhaConfig> configs;
  for (const Width width : {Width{512, 8}, Width{1024, 16}}) {
    for (const std::int64_t seq_len : {64, 512}) {
      for (const std::int64_t batch : {16, 256}) {
        for (const char* beta : {"0.05", "3.05"}) {
          configs.push_back({dtype, batch, seq_len, width.embed_dim, width.heads, betas(beta)});
        }
      }
    }
    for (const std::int64_t seq_len : {128, 256}) {
      configs.push_back({dtype, 64, seq_len, width.embed_dim, width.heads, betas("0.85")});
    }
  }
  return configs;
}

#if MHABENCH_WITH_CUDA

// Captured when it is first asked for, and never destroyed: CUDA may be gone by then.
at::cuda::CUDAGraph& sleeping_graph() {
  static at::cuda::CUDAGraph* const graph = [] {
    constexpr std::int64_t kCycles = 14'000;  // with its launch some 8 us
    auto* const captured = new at::cuda::CUDAGraph;
    const c10::cuda::CUDAStreamGuard side(c10::cuda::getStreamFromPool());
    captured->capture_begin();
    at::cuda::sleep(kCycles);
    captured->capture_end();
    return captured;
  }();
  return *graph;
}

// No layer: its rows are wrong, and timed.
Path replay_path() {
  return {"graph_replay", "replays a graph of one short kernel",
          [](const MhaConfig&, c10::Device) -> std::optional<std::string> { return {}; },
          [](const MhaConfig&, const Inputs& inputs, const Weights&) {
            at::cuda::CUDAGraph& graph = sleeping_graph();
            const auto run = [&graph, &inputs] {
              graph.replay();
              return inputs.packed;
            };
            return PreparedCall{run, [](const at::Tensor& output) { return output; }};
          }};
}

#endif

// Seconds of `calls` calls of the operations themselves, with nothing of the suite around them.
template <typename Operations>
double bare_loop_on_cpu(const Operations& operations, std::int64_t calls) {
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < calls; ++i) operations();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename Operations>
double bare_loop(c10::Device device, const Operations& operations, std::int64_t calls) {
#if MHABENCH_WITH_CUDA
  if (device.is_cuda()) {
    c10::cuda::CUDAEvent start(cudaEventDefault);
    c10::cuda::CUDAEvent stop(cudaEventDefault);
    start.record();
    for (std::int64_t i = 0; i < calls; ++i) operations();
    stop.record();
    stop.synchronize();
    return start.elapsed_time(stop) / 1e3;
  }
#endif
  static_cast<void>(device);
  return bare_loop_on_cpu(operations, calls);
}

template <typename Operations>
void run_bare(benchmark::State& state, c10::Device device, const Operations& operations) {
  constexpr int kWarmUpCalls = 2;
  bare_loop(device, operations, kWarmUpCalls);
  const double estimate = bare_loop(device, operations, kWarmUpCalls) / kWarmUpCalls;
  constexpr double kSeconds = 0.01;
  constexpr double kFewestCalls = 5;
  const auto calls = static_cast<std::int64_t>(std::max(kFewestCalls, kSeconds / estimate));
  while (state.KeepRunningBatch(calls)) {
    state.SetIterationTime(bare_loop(device, operations, calls));
  }
}

void register_bare(const PlannedRow& row, Workbench& workbench) {
  const auto body = [&row, &workbench](benchmark::State& state) {
    const c10::InferenceMode inference;
    const auto shared = workbench.configure(row.config);
    const Inputs& inputs = *shared->inputs;
    const Weights& weights = *shared->weights;
    const std::int64_t heads = row.config.heads;
#if MHABENCH_WITH_CUDA
    if (row.path->name == "graph_replay") {
      at::cuda::CUDAGraph& graph = sleeping_graph();
      run_bare(state, workbench.device(), [&] {
        graph.replay();
        return inputs.packed;
      });
      return;
    }
#endif
    if (row.path->name == "slow") {
      run_bare(state, workbench.device(),
               [&] { return slow_mha(inputs.padded, inputs.key_padding_mask, weights, heads); });
    } else {
      run_bare(state, workbench.device(),
               [&] { return fast_mha(inputs.nested, weights, row.config.embed_dim, heads); });
    }
  };
  benchmark::RegisterBenchmark(("bare " + row.name).c_str(), body)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

// Keeps the times of every report by name.
class TimesReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      times_[run.run_name.function_name].push_back(run.GetAdjustedRealTime());
    }
  }

  const std::vector<double>& times(const std::string& name) const { return times_.at(name); }

 private:
  std::map<std::string, std::vector<double>> times_;
};

// Ratios within a round first: what drifts over rounds moves both sides alike.
double median_ratio(const std::vector<double>& suite, const std::vector<double>& bare) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < suite.size(); ++i) ratios.push_back(suite[i] / bare[i]);
  return median(ratios);
}

int print_ratios(const std::vector<PlannedRow>& rows, const TimesReporter& reporter, int rounds) {
  double logarithms = 0;
  std::printf("%10s %10s %8s  row\n", "suite us", "bare us", "ratio");
  for (const PlannedRow& row : rows) {
    const std::vector<double>& suite = reporter.times(row.name);
    const std::vector<double>& bare = reporter.times("bare " + row.name);
    const double ratio = median_ratio(suite, bare);
    logarithms += std::log(ratio);
    std::printf("%10.2f %10.2f %8.4f  %s\n", median(suite), median(bare), ratio, row.name.c_str());
  }
  const double geomean = std::exp(logarithms / static_cast<double>(rows.size()));
  std::printf(
      "Suite over bare loop, geometric mean over %zu rows, medians of %d rounds: %.4f "
      "(allowed: %.2f)\n",
      rows.size(), rounds, geomean, kAllowed);
  return geomean <= kAllowed ? 0 : 1;
}

int run(int rounds, const DeviceRequest& request) {
  const DeviceChoice choice = choose_device(request, probe_cuda());
  use_device(choice.device);
  const TellWarnings warnings(tell);
  constexpr std::uint64_t kSeed = 26214;
  Workbench workbench(choice.device, kSeed, {.trace = false});
  const Options options;
  const std::function<void(const std::string&)> begins = [](const std::string&) {};
  RowStore store;

  const Dtype dtype = choice.device.is_cpu() ? Dtype::fp32 : Dtype::fp16;
  std::vector<PlannedRow> rows =
      plan_rows(twenty_configurations(dtype), {"slow", "fast"}, RowFilter(""));
#if MHABENCH_WITH_CUDA
  const Path replay = replay_path();
  if (choice.device.is_cuda()) {
    const MhaConfig config = rows.front().config;
    rows.push_back({row_name(replay.name, config), &replay, config});
  }
#endif
  initialize_library(options);
  std::vector<std::vector<PlannedRow>> singles;
  for (const PlannedRow& row : rows) singles.push_back({row});
  for (const auto& row : singles) {
    for (int round = 0; round < rounds; ++round) {
      if (round % 2 == 1) register_bare(row.front(), workbench);
      register_rows(row, options, workbench, store, begins);
      if (round % 2 == 0) register_bare(row.front(), workbench);
    }
  }
  TimesReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return print_ratios(rows, reporter, rounds);
}

int run(const std::vector<std::string>& arguments) {
  std::int64_t rounds = 6;
  DeviceRequest device;
  FlagTable flags("mha_overhead",
                  "What the suite itself costs a call, against a bare loop of the same operations.",
                  "Exit status: 0 at most 1 % over all rows, 1 more, 2 a flag is at fault, 5 "
                  "mha_overhead failed.\n");
  flags.add_value("--rounds", "N", "rounds in which both are timed, in turn, from 2 to 1000",
                  into(rounds, [](const std::string& v) { return parse_integer(v, 2, 1000); }),
                  std::to_string(rounds));
  flags.add_value("--device", "NAME", "auto, cpu, cuda or cuda:N", into(device, parse_device),
                  "auto");
  flags.add_answers();
  const std::vector<std::string> others = flags.read(arguments);
  if (const std::string answer = flags.answer(); !answer.empty()) {
    std::cout << answer;
    return kCorrect;
  }
  check_none(others);
  return run(static_cast<int>(rounds), device);
}

}  // namespace
}  // namespace mhabench::bench

int main(int argc, char** argv) {
  using namespace mhabench;
  return bench::run_program("mha_overhead",
                            [&] { return bench::run(bench::arguments_of(argc, argv)); });
}
