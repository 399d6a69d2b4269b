#include "bench/run/plan.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "bench/cli/grid_choice.h"
#include "bench/run/context.h"
#include "bench/run/registration.h"
#include "bench/run/report_json.h"
#include "bench/run/shard_plan.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/config/lengths.h"
#include "mhabench/measure/row_limits.h"
#include "mhabench/results/row_json.h"

namespace mhabench::bench {
namespace {

// Long lists of widths and heads make hundreds of pairs that do not divide.
std::string dropped_line(std::vector<std::string> pairs) {
  constexpr std::size_t kShown = 8;
  if (pairs.empty()) return {};
  const std::size_t more = pairs.size() - std::min(pairs.size(), kShown);
  pairs.resize(pairs.size() - more);
  return "left out, since heads must divide embed_dim (embed_dim/heads): " + join(pairs, ", ") +
         (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

std::vector<MhaConfig> configs_of(const Options& options, Expansion expansion) {
  for (MhaConfig& config : expansion.configs) {
    config.l2 = options.l2;
    config.sdpa = options.sdpa;
  }
  return std::move(expansion.configs);
}

Row failed_row(const PlannedRow& planned, const std::string& device, std::uint64_t seed,
               const std::string& message) {
  Row row;
  row.path = planned.path->name;
  row.config = planned.config;
  row.device = device;
  row.seed = seed;
  enter_lengths(row, make_lengths(row.config, row.seed));
  row.status = RowStatus::failed;
  row.message = message;
  return row;
}

}  // namespace

Plan make_plan(Options options, std::vector<std::string> command_line, const DeviceChoice& choice) {
  Plan plan;
  plan.device = choice.device;
  const char* const default_grid = plan.device.is_cpu() ? "cpu" : "script";
  plan.grid = grid_of(options, default_grid);
  if (options.l2 == L2Mode::rotate && plan.device.is_cpu()) {
    throw InputError("--l2=rotate needs a GPU; on the CPU, --l2=warm alone is measured");
  }
  Expansion expansion = expansion_of(plan.grid, options.seed);
  plan.dropped = dropped_line(std::move(expansion.dropped));
  plan.rows = plan_rows(configs_of(options, std::move(expansion)), options.paths,
                        RowFilter(options.benchmark.filter));
  const bool chose_grid = !choice.notice.empty() && !options.grid.name;
  plan.notices.push_back(choice.notice +
                         (chose_grid ? std::string(" with --grid=") + default_grid : ""));
  if (options.shard && !plan.rows.empty()) {
    ShardPlan part = shard_plan_of(std::move(plan.rows), *options.shard, plan.device.is_cuda());
    plan.rows = std::move(part.rows);
    plan.shard = std::move(part.context);
    plan.notices.push_back(line_of(*plan.shard));
  }
  plan.options = std::move(options);
  plan.command_line = std::move(command_line);
  return plan;
}

nlohmann::ordered_json context_of(const Plan& plan) {
  nlohmann::ordered_json context =
      run_context(plan.device, plan.grid, plan.options, plan.command_line);
  if (plan.shard) context[kShardKey] = json_of(*plan.shard);
  return context;
}

std::unordered_map<std::string, std::size_t> positions_of(const Plan& plan) {
  std::unordered_map<std::string, std::size_t> positions;
  for (const PlannedRow& row : plan.rows) positions.emplace(row.name, positions.size());
  return positions;
}

std::vector<PlannedRow> rows_left(const Plan& plan, const RunJournal& journal) {
  std::vector<PlannedRow> rows = plan.rows;
  std::erase_if(rows, [&](const PlannedRow& row) { return journal.has(row.name); });
  return rows;
}

KeptRow lost_row(const Plan& plan, std::size_t position, const std::string& device,
                 const std::string& message) {
  const PlannedRow& planned = plan.rows[position];
  const BenchmarkOptions& options = plan.options.benchmark;
  const std::size_t repetitions = repetitions_of(options);
  Row row = failed_row(planned, device, plan.options.seed, message);
  KeptRow lost{{planned.name, {}}, {repetitions, row}};
  for (std::size_t i = 0; i < repetitions; ++i) {
    benchmark::BenchmarkReporter::Run run;
    run.run_name.function_name = planned.full_name();
    run.family_index = static_cast<std::int64_t>(position);
    run.per_family_instance_index = 0;
    run.repetitions = static_cast<std::int64_t>(repetitions);
    run.repetition_index = static_cast<std::int64_t>(i);
    run.iterations = 0;
    run.time_unit = time_unit_of(options.time_unit);
    set_error(run, message);
    lost.finished.reports.push_back(json_of(run));
    add_row(row, /*aggregate=*/false, lost.finished.reports.back());
  }
  return lost;
}

void check_any_fits(const std::vector<PlannedRow>& rows, const Room& room) {
  std::optional<std::string> why;
  for (const PlannedRow& row : rows) {
    why = why_too_large(row.config, room);
    if (!why) return;
  }
  if (why) throw InputError("no configuration fits: of the last one, " + *why);
}

}  // namespace mhabench::bench
