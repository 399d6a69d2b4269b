#include "bench/run/registration.h"

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include <benchmark/benchmark.h>

#include "bench/run/fixture.h"
#include "bench/run/report_json.h"
#include "bench/run/rounds.h"
#include "bench/run/single_row.h"
#include "mhabench/config/names.h"

namespace mhabench::bench {
namespace {

// A batch that falls short of a time that was asked for is run again by the library; this keeps it
// from being the rule.
constexpr double kMargin = 1.15;

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

BatchPolicy batch_policy(const Options& options, c10::Device device) {
  constexpr double kMicroseconds = 1e6;
  constexpr double kCpuCeilingUs = 250'000;  // calls on the CPU take longer, and scatter more
  BatchPolicy policy;
  if (device.is_cpu()) policy.max_us = kCpuCeilingUs;
  if (options.max_row_time_s) {
    policy.max_us = *options.max_row_time_s * kMicroseconds;
    policy.strictly = true;
  }
  if (options.precision) {
    constexpr std::int64_t kTellScatter = 5;
    policy.gpu_precision = policy.host_precision = *options.precision;
    policy.pilot_samples = kTellScatter;
  }
  policy.min_us = options.benchmark.min_time_s.value_or(0) * kMicroseconds * kMargin;
  policy.exactly = options.benchmark.dry_run ? 1 : options.benchmark.iterations;
  return policy;
}

std::size_t repetitions_of(const BenchmarkOptions& options) {
  return options.dry_run ? 1 : static_cast<std::size_t>(std::max(1, options.repetitions));
}

bool runs_in_rounds(const Options& options) {
  return options.rounds > 1 && !options.benchmark.dry_run;
}

void register_rows(const std::vector<PlannedRow>& rows, const Options& options,
                   Workbench& workbench, RowStore& store,
                   const std::function<void(const std::string& name)>& begins) {
  const BatchPolicy policy = batch_policy(options, workbench.device());
  const auto rounds = runs_in_rounds(options) ? std::make_shared<Rounds>(rows, options.rounds,
                                                                         policy, workbench, begins)
                                              : nullptr;
  for (const PlannedRow& row : rows) {
    auto source = rounds ? row_of_rounds(row.name, rounds)
                         : std::make_unique<SingleRow>(*row.path, row.config, policy, workbench);
    const auto fixture = std::make_shared<MhaFixture>(row.name, std::move(source), store);
    const auto run = [fixture, &begins, &row](benchmark::State& state) {
      begins(row.name);
      fixture->Run(state);
    };
    benchmark::RegisterBenchmark(row.name.c_str(), run)
        ->UseManualTime()
        ->Unit(time_unit_of(options.benchmark.time_unit));
  }
}

}  // namespace mhabench::bench
