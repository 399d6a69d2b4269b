#include "bench/suite.h"

#include <memory>
#include <unordered_set>

#include <benchmark/benchmark.h>

#include "mhabench/config/names.h"

namespace mhabench::bench {
namespace {

benchmark::TimeUnit time_unit(const std::string& name) {
  if (name == "ns") return benchmark::kNanosecond;
  if (name == "ms") return benchmark::kMillisecond;
  if (name == "s") return benchmark::kSecond;
  return benchmark::kMicrosecond;
}

}  // namespace

std::vector<PlannedRow> plan_rows(const std::vector<MhaConfig>& configs,
                                  const std::vector<std::string>& paths, const RowFilter& filter) {
  std::vector<PlannedRow> rows;
  std::unordered_set<std::string> names;
  for (const MhaConfig& config : configs) {
    for (const std::string& path : paths) {
      PlannedRow row{row_name(path, config), &find_path(path), config};
      if (filter.matches(row.full_name()) && names.insert(row.name).second) {
        rows.push_back(std::move(row));
      }
    }
  }
  return rows;
}

BatchPolicy batch_policy(const BenchmarkOptions& options, c10::Device device) {
  // On a GPU a batch of 10 ms holds 4 to 100 calls of the script's grid; a call on the CPU scatters
  // more and takes longer.
  constexpr double kCudaSeconds = 0.01;
  constexpr double kCpuSeconds = 0.1;
  constexpr std::int64_t kFewestCalls = 5;
  if (options.dry_run) return {0, 1, 1};
  if (options.iterations) return {0, 1, options.iterations};
  const double seconds = device.is_cpu() ? kCpuSeconds : kCudaSeconds;
  return {options.min_time_s.value_or(seconds), kFewestCalls, std::nullopt};
}

void register_rows(const std::vector<PlannedRow>& rows, const BenchmarkOptions& options,
                   Workbench& workbench, RowStore& store, Progress& progress) {
  const BatchPolicy policy = batch_policy(options, workbench.device());
  for (const PlannedRow& row : rows) {
    const auto fixture =
        std::make_shared<MhaFixture>(row.name, *row.path, row.config, policy, workbench, store);
    const auto run = [fixture, &progress, &row](benchmark::State& state) {
      progress.start_row(row.name);
      fixture->Run(state);
    };
    benchmark::RegisterBenchmark(row.name.c_str(), run)
        ->UseManualTime()
        ->Unit(time_unit(options.time_unit));
  }
}

}  // namespace mhabench::bench
