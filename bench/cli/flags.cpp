#include "bench/cli/flags.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <variant>

#include "bench/cli/filter.h"
#include "bench/cli/flag_checks.h"
#include "bench/cli/flag_table.h"
#include "bench/cli/flag_values.h"
#include "mhabench/base/text.h"
#include "mhabench/config/grid.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/names.h"
#include "mhabench/shards/shard.h"

namespace mhabench::bench {
namespace {

constexpr int kMaxThreads = 4096;
constexpr int kMaxRounds = 1000;
constexpr int kMaxInt = std::numeric_limits<int>::max();

constexpr const char* kDescription =
    "Measures ways (paths) to run multi-head attention over batches of sequences of unequal "
    "length, "
    "checks each against an fp64 reference, and compares them configuration by configuration.";

constexpr const char* kFooter =
    R"(A LIST holds values and ranges, first:last:step: --beta=0.05,0.85 or --beta=0.05:3.05:0.2.
Instead of --flag=value, --flag value will do, and '-' for '_'. A switch takes =false, too.

Examples:
  mha_bench                                      the whole grid; without a GPU, a small one
  mha_bench --grid=quick --save_path=rows.csv    a corner of it, kept as CSV
  mha_bench --batch=32 --seq_len=128:512:128 --embed_dim=768 --heads=12 --beta=0.85
                                                 a model of your own
  mha_bench --lengths_file=served.txt            the lengths that you serve
  mha_bench --benchmark_filter='/fast/.*heads:8/' --benchmark_out=fast.json
                                                 some rows, kept as JSON
)";

constexpr const char* kBenchmarkTitle =
    "Google Benchmark's flags (BENCHMARK_FILTER in the environment stands for --benchmark_filter, "
    "and so on; a flag wins)";

// Reads an integer from `lowest` to `highest`.
auto int_within(int lowest, int highest) {
  return [=](const std::string& text) {
    return static_cast<int>(parse_integer(text, lowest, highest));
  };
}

void add_selection(FlagTable& table, Options& o, const std::vector<std::string>& paths) {
  table.add_value(
      "--grid", "NAME",
      "sweep to start from: script (the 1280 configurations of PyTorch's script), quick (a corner "
      "of it) or cpu; the lists below replace its axes",
      into(o.grid.name, [](const std::string& v) { return named_grid(v).name; }),
      "script; without a GPU, cpu");
  table.add_value("--path", "LIST",
                  "paths to measure, all, or patterns such as packed_*: " + join(paths, ", "),
                  into(o.paths, [&](const std::string& v) { return parse_paths(v, paths); }),
                  join(o.paths, ","));
  table.add_value("--sdpa", "NAME",
                  "pin scaled_dot_product_attention's back end, where a path goes through it: " +
                      join(sdpa_names(), ", "),
                  into(o.sdpa, parse_sdpa), "PyTorch's choice");
  table.add_value("--shard", "I/N",
                  "the I-th of N shares of the rows, counted from 1: shares of about equal time, "
                  "to be run anywhere and made one file by mha_merge",
                  into(o.shard, parse_shard), "all rows");
  table.add_value("--seed", "N", "seed of lengths, inputs and weights", into(o.seed, parse_seed),
                  std::to_string(o.seed));
}

std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(Decimal value) { return value.str(); }
std::string text_of(Dtype value) { return std::string(name_of(value)); }

template <typename Value>
std::string list_of(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(text_of(value));
  return join(texts, ",");
}

// Values at a constant distance as the range that gives them.
std::string list_of(const std::vector<Decimal>& values) {
  if (values.size() <= 3) return list_of<Decimal>(values);
  const Decimal step = Decimal::from_units(values[1].units() - values[0].units());
  const auto is_off = [&](Decimal a, Decimal b) { return a + step != b; };
  if (std::ranges::adjacent_find(values, is_off) != values.end()) return list_of<Decimal>(values);
  return values.front().str() + ':' + values.back().str() + ':' + step.str();
}

// What an axis is in each of the named grids: "script 16,32; cpu 2".
template <typename Value>
std::string in_each_grid(std::vector<Value> Grid::*axis) {
  std::vector<std::string> grids;
  for (const std::string& name : grid_names()) {
    grids.push_back(name + ' ' + list_of(named_grid(name).*axis));
  }
  return join(grids, "; ");
}

void add_axes(FlagTable& table, GridChoice& grid) {
  table.add_value("--dtype", "LIST", "element types, of " + join(dtype_names(), ", "),
                  into(grid.dtypes, parse_dtypes), in_each_grid(&Grid::dtypes));
  table.add_value("--batch", "LIST", "sequences in a batch", into(grid.batches, parse_axis),
                  in_each_grid(&Grid::batches));
  table.add_value("--seq_len", "LIST", "tokens of the longest sequence",
                  into(grid.seq_lens, parse_axis), in_each_grid(&Grid::seq_lens));
  table.add_value("--embed_dim", "LIST", "width; what a number of heads does not divide is dropped",
                  into(grid.embed_dims, parse_axis), in_each_grid(&Grid::embed_dims));
  table.add_value("--heads", "LIST", "attention heads", into(grid.heads, parse_axis),
                  in_each_grid(&Grid::heads));
  table.add_value("--beta", "LIST",
                  "lengths are seq_len times a draw from Beta(1, beta): the larger beta, the "
                  "shorter they are",
                  into(grid.betas, parse_betas), in_each_grid(&Grid::betas));
  table.add_value("--lengths", "NAME",
                  "where lengths come from: script (the very draws of PyTorch's script), beta (the "
                  "same distribution by Boost.Math), full (no padding) or uniform",
                  into(grid.lengths, parse_lengths_kind), std::string(name_of(Grid{}.lengths)));
  table.add_value("--lengths_file", "FILE",
                  "batches to replay, one a line, or configurations as --dump_lengths writes them; "
                  "in place of --batch, --seq_len, --beta and --lengths",
                  into(grid.lengths_file));
}

void add_place(FlagTable& table, Options& o) {
  table.add_value("--device", "NAME", "auto (the GPU where there is one), cpu, cuda or cuda:N",
                  into(o.device, parse_device), "auto");
  table.add_value("--devices", "LIST",
                  "run rows on several GPUs at once, each in a process of its own: all, or 0,1; "
                  "rows are handed out as they finish",
                  into(o.devices, parse_devices));
  table.add_value("--threads", "N", "threads for work on the CPU",
                  into(o.threads, int_within(1, kMaxThreads)), "LibTorch's choice");
}

void add_clocks(FlagTable& table, Options& o) {
  table.add_value(
      "--precision", "SHARE",
      "half width of the median's 95 % interval that a row is timed for, over the median",
      into(o.precision, parse_share), "0.02; 0.05 where the host is the limit");
  table.add_value("--max_row_time", "SECONDS", "ceiling of the time that a row is timed for",
                  into(o.max_row_time_s, parse_seconds),
                  "0.0075, on the CPU 0.25; or 10 to 20 calls where they take longer");
  table.add_value("--rounds", "N",
                  "measure the paths of a configuration in turn, N times (6 for evidence), and "
                  "tell which is the faster by the rounds' scatter",
                  into(o.rounds, int_within(1, kMaxRounds)), "1: a survey, without a verdict");
  table.add_value("--l2", "NAME",
                  "warm: every call reads the same inputs and weights; rotate: calls cycle through "
                  "copies that together exceed twice the GPU's L2 cache, as a model's layers do",
                  into(o.l2, parse_l2_mode), std::string(name_of(o.l2)));
  table.add_switch("--trace", "trace kernels on a GPU, after each row's batch", o.trace, "true");
  table.add_value("--canary", "SECONDS",
                  "time one matrix product of a fixed size between configurations, at most every "
                  "so many seconds, at the start and at the end, so that a clock that moved shows",
                  into(o.canary_s, parse_seconds), "none");
  table.add_switch("--cooldown", "wait before each row until nothing holds the GPU's clock back",
                   o.cooldown);
  table.add_value("--peaks", "MATRIX,COPY,EXP",
                  "rates of the device that rows are held against, in TFLOP/s, TB/s and 10^12 "
                  "exponentials a second, in place of those that are measured or published",
                  into(o.peaks, parse_peaks), "measured; EXP on a GPU published");
}

void add_results(FlagTable& table, Options& o) {
  table.add_value("--save_path", "FILE", "the table as CSV, in the columns of PyTorch's script",
                  into(o.save_path));
  table.add_value("--error_save_path", "FILE",
                  "where fast and slow disagree, as JSON with the keys of PyTorch's script",
                  into(o.error_save_path));
  table.add_value("--kernels_out", "FILE", "each row's kernels with their times, as JSON lines",
                  into(o.kernels_out));
}

void add_endurance(FlagTable& table, Options& o) {
  table.add_choice("--resume",
                   "go on with the run whose finished rows stand in FILE.journal beside "
                   "--benchmark_out=FILE; --resume=force also where that was another run",
                   into(o.resume, parse_resume));
  table.add_switch("--supervise",
                   "run the rows in a process of their own, and the rest in another where that "
                   "dies or hangs; the row that it died in fails",
                   o.supervise);
  table.add_value("--row_timeout", "SECONDS",
                  "with --supervise or --devices: how long a row may make no progress",
                  into(o.row_timeout_s, parse_row_timeout),
                  text_of(static_cast<std::int64_t>(kDefaultRowTimeoutS)));
}

void add_instead(FlagTable& table, Options& o, const std::string& built_on) {
  table.add_switch("--list", "print the names of the rows, one a line", o.list);
  table.add_value("--dump_lengths", "FILE", "write the lengths of each configuration, one a line",
                  into(o.dump_lengths));
  table.add_switch("--self_test", "time work of known shape and hold the suite's clocks against it",
                   o.self_test);
  table.add_answers(built_on);
}

void add_benchmark_selection(FlagTable& table, BenchmarkOptions& o) {
  const auto checked_filter = [](const std::string& text) {
    static_cast<void>(RowFilter{text});  // Refuses what is no expression.
    return text;
  };
  table.add_value("--benchmark_filter", "REGEX",
                  "run the rows in whose names this POSIX extended regular expression is found; "
                  "after a leading '-', the others",
                  into(o.filter, checked_filter), "all");
  table.add_switch("--benchmark_list_tests", "print the names of the rows and run nothing",
                   o.list_tests);
  table.add_switch("--benchmark_dry_run", "one call and one repetition of each row", o.dry_run);
}

void add_benchmark_measurement(FlagTable& table, BenchmarkOptions& o) {
  const auto set_min_time = [&o](const std::string& text) {
    const std::variant<double, Calls> time = parse_min_time(text);
    if (const double* const seconds = std::get_if<double>(&time)) {
      o.min_time_s = *seconds;
    } else {
      o.iterations = std::get<Calls>(time).count;
    }
  };
  table.add_value("--benchmark_min_time", "TIME",
                  "seconds to measure a row for (0.5s), or calls to measure (20x)", set_min_time,
                  "decided from the warm-up");
  table.add_value("--benchmark_min_warmup_time", "SECONDS", "how long to warm a row up",
                  into(o.min_warmup_time_s, parse_seconds), "two calls");
  table.add_value("--benchmark_repetitions", "N", "how often to measure a row",
                  into(o.repetitions, int_within(1, kMaxInt)), std::to_string(o.repetitions));
  table.add_switch("--benchmark_enable_random_interleaving", "shuffle the repetitions of all rows",
                   o.random_interleaving);
  table.add_value("--benchmark_perf_counters", "LIST", "libpfm's names of counters to record",
                  into(o.perf_counters));
}

void add_benchmark_files(FlagTable& table, BenchmarkOptions& o) {
  table.add_value("--benchmark_format", "NAME",
                  "console, json or csv: the rows alone go to stdout, all else to stderr",
                  into(o.format, parse_format), "the table that pairs paths");
  table.add_value("--benchmark_out", "FILE", "write the rows and their context when the run ends",
                  into(o.out));
  table.add_value("--benchmark_out_format", "NAME", "console, json or csv",
                  into(o.out_format, parse_format), std::string(name_of(o.out_format)));
  table.add_repeated("--benchmark_context", "KEY=VALUE,...", "more entries for the context",
                     [&o](const std::string& text) {
                       for (const auto& [key, value] : parse_context(text)) {
                         o.context.insert_or_assign(key, value);
                       }
                     });
}

void add_benchmark_display(FlagTable& table, BenchmarkOptions& o) {
  table.add_switch("--benchmark_report_aggregates_only",
                   "report the statistics of repetitions alone", o.report_aggregates_only);
  table.add_switch("--benchmark_display_aggregates_only",
                   "the same, but write each repetition to the file", o.display_aggregates_only);
  table.add_switch("--benchmark_counters_tabular", "counters as columns", o.counters_tabular);
  table.add_value("--benchmark_color", "BOOL", "true, false or auto (on a terminal)",
                  into(o.color, parse_color), "auto");
  table.add_value("--benchmark_time_unit", "UNIT", "ns, us, ms or s",
                  into(o.time_unit, parse_time_unit), "us");
  table
      .add_value("--v", "N", "how much Google Benchmark says of its own work",
                 into(o.verbosity, int_within(0, kMaxInt)), std::to_string(o.verbosity))
      ->envname("");  // It would be $V, which is other programs' as well.
}

// Filled in place, for an `options` that outlives it.
void fill(FlagTable& table, Options& options, const FlagContext& context) {
  table.group("What to run");
  add_selection(table, options, context.path_names);
  table.group("Axes that replace the grid's");
  add_axes(table, options.grid);
  table.group("Where");
  add_place(table, options);
  table.group("How closely");
  add_clocks(table, options);
  table.group("Results");
  add_results(table, options);
  table.group("Long runs");
  add_endurance(table, options);
  table.group("Instead of a run");
  add_instead(table, options, context.built_on);
  table.benchmark_group(kBenchmarkTitle);
  add_benchmark_selection(table, options.benchmark);
  add_benchmark_measurement(table, options.benchmark);
  add_benchmark_files(table, options.benchmark);
  add_benchmark_display(table, options.benchmark);
}

}  // namespace

Options parse_flags(const std::vector<std::string>& arguments, const FlagContext& context) {
  Options options;
  FlagTable table("mha_bench", kDescription, kFooter);
  fill(table, options, context);
  const std::vector<std::string> others = table.read(arguments);
  options.answer = table.answer();
  check_none(others);
  check_combinations(options);
  return options;
}

}  // namespace mhabench::bench
