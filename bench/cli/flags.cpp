#include "bench/cli/flags.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "bench/cli/filter.h"
#include "bench/cli/flag_table.h"
#include "bench/cli/flag_values.h"
#include "mhabench/base/error.h"
#include "mhabench/base/output_file.h"
#include "mhabench/base/text.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/lengths_file.h"
#include "mhabench/config/names.h"
#include "mhabench/results/journal.h"
#include "mhabench/shards/shard.h"

namespace mhabench::bench {
namespace {

constexpr std::int64_t kMaxThreads = 4096;
constexpr std::int64_t kMaxRounds = 1000;
constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

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

void add_selection(FlagTable& table, const FlagContext& context) {
  table
      .add_value("--grid", "NAME",
                 "sweep to start from: script (the 1280 configurations of PyTorch's script), quick "
                 "(a corner of it) or cpu; the lists below replace its axes",
                 [](Options& o, const std::string& v) { o.grid.name = named_grid(v).name; })
      ->default_str("script; without a GPU, cpu");
  table
      .add_value(
          "--path", "LIST",
          "paths to measure, all, or patterns such as packed_*: " + join(context.path_names, ", "),
          [known = context.path_names](Options& o, const std::string& v) {
            o.paths = parse_paths(v, known);
          })
      ->default_str(join(Options{}.paths, ","));
  table
      .add_value("--sdpa", "NAME",
                 "pin scaled_dot_product_attention's back end, where a path goes through it: " +
                     join(sdpa_names(), ", "),
                 [](Options& o, const std::string& v) { o.sdpa = parse_sdpa(v); })
      ->default_str("PyTorch's choice");
  table
      .add_value(
          "--shard", "I/N",
          "the I-th of N shares of the rows, counted from 1: shares of about equal time, to be "
          "run anywhere and made one file by mha_merge",
          [](Options& o, const std::string& v) { o.shard = parse_shard(v); })
      ->default_str("all rows");
  table
      .add_value("--seed", "N", "seed of lengths, inputs and weights",
                 [](Options& o, const std::string& v) { o.seed = parse_seed(v); })
      ->default_str(std::to_string(Options{}.seed));
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
std::string list_or_range_of(const std::vector<Decimal>& values) {
  if (values.size() <= 3) return list_of(values);
  const Decimal step = Decimal::from_units(values[1].units() - values[0].units());
  const auto is_off = [&](Decimal a, Decimal b) { return a + step != b; };
  if (std::ranges::adjacent_find(values, is_off) != values.end()) return list_of(values);
  return values.front().str() + ':' + values.back().str() + ':' + step.str();
}

// What an axis is in each of the named grids: "script 16,32; cpu 2".
template <typename ListOf>
std::string in_each_grid(ListOf list) {
  std::vector<std::string> grids;
  for (const std::string& name : grid_names()) grids.push_back(name + ' ' + list(named_grid(name)));
  return join(grids, "; ");
}

void add_axes(FlagTable& table) {
  table
      .add_value("--dtype", "LIST", "element types, of " + join(dtype_names(), ", "),
                 [](Options& o, const std::string& v) { o.grid.dtypes = parse_dtypes(v); })
      ->default_str(in_each_grid([](const Grid& g) { return list_of(g.dtypes); }));
  table
      .add_value("--batch", "LIST", "sequences in a batch",
                 [](Options& o, const std::string& v) { o.grid.batches = parse_axis(v); })
      ->default_str(in_each_grid([](const Grid& g) { return list_of(g.batches); }));
  table
      .add_value("--seq_len", "LIST", "tokens of the longest sequence",
                 [](Options& o, const std::string& v) { o.grid.seq_lens = parse_axis(v); })
      ->default_str(in_each_grid([](const Grid& g) { return list_of(g.seq_lens); }));
  table
      .add_value("--embed_dim", "LIST", "width; what a number of heads does not divide is dropped",
                 [](Options& o, const std::string& v) { o.grid.embed_dims = parse_axis(v); })
      ->default_str(in_each_grid([](const Grid& g) { return list_of(g.embed_dims); }));
  table
      .add_value("--heads", "LIST", "attention heads",
                 [](Options& o, const std::string& v) { o.grid.heads = parse_axis(v); })
      ->default_str(in_each_grid([](const Grid& g) { return list_of(g.heads); }));
  table
      .add_value("--beta", "LIST",
                 "lengths are seq_len times a draw from Beta(1, beta): the larger beta, the "
                 "shorter they are",
                 [](Options& o, const std::string& v) { o.grid.betas = parse_betas(v); })
      ->default_str(in_each_grid([](const Grid& g) { return list_or_range_of(g.betas); }));
}

void add_lengths(FlagTable& table) {
  table
      .add_value("--lengths", "NAME",
                 "where lengths come from: script (the very draws of PyTorch's script), beta (the "
                 "same distribution by Boost.Math), full (no padding) or uniform",
                 [](Options& o, const std::string& v) { o.grid.lengths = parse_lengths_kind(v); })
      ->default_str(std::string(name_of(Grid{}.lengths)));
  table.add_value("--lengths_file", "FILE",
                  "batches to replay, one a line, or configurations as --dump_lengths writes them; "
                  "in place of --batch, --seq_len, --beta and --lengths",
                  [](Options& o, const std::string& v) { o.grid.lengths_file = v; });
}

void add_place(FlagTable& table) {
  table
      .add_value("--device", "NAME", "auto (the GPU where there is one), cpu, cuda or cuda:N",
                 [](Options& o, const std::string& v) { o.device = parse_device(v); })
      ->default_str("auto");
  table.add_value("--devices", "LIST",
                  "run rows on several GPUs at once, each in a process of its own: all, or 0,1; "
                  "rows are handed out as they finish",
                  [](Options& o, const std::string& v) { o.devices = parse_devices(v); });
  table
      .add_value("--threads", "N", "threads for work on the CPU",
                 [](Options& o, const std::string& v) {
                   o.threads = static_cast<int>(parse_integer(v, 1, kMaxThreads));
                 })
      ->default_str("LibTorch's choice");
}

void add_clocks(FlagTable& table) {
  table
      .add_value(
          "--precision", "SHARE",
          "half width of the median's 95 % interval that a row is timed for, over the median",
          [](Options& o, const std::string& v) { o.precision = parse_share(v); })
      ->default_str("0.02; 0.05 where the host is the limit");
  table
      .add_value("--max_row_time", "SECONDS", "ceiling of the time that a row is timed for",
                 [](Options& o, const std::string& v) { o.max_row_time_s = parse_seconds(v); })
      ->default_str("0.0075, on the CPU 0.25; or 10 to 20 calls where they take longer");
  table
      .add_value("--rounds", "N",
                 "measure the paths of a configuration in turn, N times (6 for evidence), and tell "
                 "which is the faster by the rounds' scatter",
                 [](Options& o, const std::string& v) {
                   o.rounds = static_cast<int>(parse_integer(v, 1, kMaxRounds));
                 })
      ->default_str("1: a survey, without a verdict");
  table
      .add_value("--l2", "NAME",
                 "warm: every call reads the same inputs and weights; rotate: calls cycle through "
                 "copies that together exceed twice the GPU's L2 cache, as a model's layers do",
                 [](Options& o, const std::string& v) { o.l2 = parse_l2_mode(v); })
      ->default_str(std::string(name_of(Options{}.l2)));
  table
      .add_switch("--trace", "trace kernels on a GPU, after each row's batch",
                  [](Options& o) -> bool& { return o.trace; })
      ->default_str("true");
  table
      .add_value("--canary", "SECONDS",
                 "time one matrix product of a fixed size between configurations, at most every so "
                 "many seconds, at the start and at the end, so that a clock that moved shows",
                 [](Options& o, const std::string& v) { o.canary_s = parse_seconds(v); })
      ->default_str("none");
  table.add_switch("--cooldown", "wait before each row until nothing holds the GPU's clock back",
                   [](Options& o) -> bool& { return o.cooldown; });
}

void add_limits(FlagTable& table) {
  table
      .add_value("--peaks", "MATRIX,COPY,EXP",
                 "rates of the device that rows are held against, in TFLOP/s, TB/s and 10^12 "
                 "exponentials a second, in place of measured ones",
                 [](Options& o, const std::string& v) { o.peaks = parse_peaks(v); })
      ->default_str("measured");
}

void add_results(FlagTable& table) {
  table.add_value("--save_path", "FILE", "the table as CSV, in the columns of PyTorch's script",
                  [](Options& o, const std::string& v) { o.save_path = v; });
  table.add_value("--error_save_path", "FILE",
                  "where fast and slow disagree, as JSON with the keys of PyTorch's script",
                  [](Options& o, const std::string& v) { o.error_save_path = v; });
  table.add_value("--kernels_out", "FILE", "each row's kernels with their times, as JSON lines",
                  [](Options& o, const std::string& v) { o.kernels_out = v; });
}

void add_endurance(FlagTable& table) {
  table.add_choice("--resume",
                   "go on with the run whose finished rows stand in FILE.journal beside "
                   "--benchmark_out=FILE; --resume=force also where that was another run",
                   [](Options& o, const std::string& v) { o.resume = parse_resume(v); });
  table.add_switch("--supervise",
                   "run the rows in a process of their own, and the rest in another where that "
                   "dies or hangs; the row that it died in fails",
                   [](Options& o) -> bool& { return o.supervise; });
  table
      .add_value("--row_timeout", "SECONDS",
                 "with --supervise or --devices: how long a row may make no progress",
                 [](Options& o, const std::string& v) { o.row_timeout_s = parse_row_timeout(v); })
      ->default_str(text_of(static_cast<std::int64_t>(kDefaultRowTimeoutS)));
}

void add_instead(FlagTable& table) {
  table.add_switch("--list", "print the names of the rows, one a line",
                   [](Options& o) -> bool& { return o.list; });
  table.add_value("--dump_lengths", "FILE", "write the lengths of each configuration, one a line",
                  [](Options& o, const std::string& v) { o.dump_lengths = v; });
  table.add_switch("--self_test", "time work of known shape and hold the suite's clocks against it",
                   [](Options& o) -> bool& { return o.self_test; });
  table.add_switch("--help", "print this, as -h does", [](Options& o) -> bool& { return o.help; });
  table.add_switch("--version", "print the versions this was built from",
                   [](Options& o) -> bool& { return o.version; });
}

void add_benchmark_selection(FlagTable& table) {
  table
      .add_value("--benchmark_filter", "REGEX",
                 "run the rows in whose names this POSIX extended regular expression is found; "
                 "after a leading '-', the others",
                 [](Options& o, const std::string& v) {
                   static_cast<void>(RowFilter{v});  // Refuses what is no expression.
                   o.benchmark.filter = v;
                 })
      ->default_str("all");
  table.add_switch("--benchmark_list_tests", "print the names of the rows and run nothing",
                   [](Options& o) -> bool& { return o.benchmark.list_tests; });
  table.add_switch("--benchmark_dry_run", "one call and one repetition of each row",
                   [](Options& o) -> bool& { return o.benchmark.dry_run; });
}

void set_min_time(Options& options, const std::string& value) {
  const std::variant<double, Calls> time = parse_min_time(value);
  if (const double* const seconds = std::get_if<double>(&time)) {
    options.benchmark.min_time_s = *seconds;
  } else {
    options.benchmark.iterations = std::get<Calls>(time).count;
  }
}

void add_benchmark_measurement(FlagTable& table) {
  table
      .add_value("--benchmark_min_time", "TIME",
                 "seconds to measure a row for (0.5s), or calls to measure (20x)", set_min_time)
      ->default_str("decided from the warm-up");
  table
      .add_value("--benchmark_min_warmup_time", "SECONDS", "how long to warm a row up",
                 [](Options& o, const std::string& v) {
                   o.benchmark.min_warmup_time_s = parse_seconds(v);
                 })
      ->default_str("two calls");
  table
      .add_value("--benchmark_repetitions", "N", "how often to measure a row",
                 [](Options& o, const std::string& v) {
                   o.benchmark.repetitions = static_cast<int>(parse_integer(v, 1, kMaxInt));
                 })
      ->default_str(std::to_string(BenchmarkOptions{}.repetitions));
  table.add_switch("--benchmark_enable_random_interleaving", "shuffle the repetitions of all rows",
                   [](Options& o) -> bool& { return o.benchmark.random_interleaving; });
  table.add_value("--benchmark_perf_counters", "LIST", "libpfm's names of counters to record",
                  [](Options& o, const std::string& v) { o.benchmark.perf_counters = v; });
}

void add_benchmark_files(FlagTable& table) {
  table
      .add_value("--benchmark_format", "NAME",
                 "console, json or csv: the rows alone go to stdout, all else to stderr",
                 [](Options& o, const std::string& v) { o.benchmark.format = parse_format(v); })
      ->default_str("the table that pairs paths");
  table.add_value("--benchmark_out", "FILE", "write the rows and their context when the run ends",
                  [](Options& o, const std::string& v) { o.benchmark.out = v; });
  table
      .add_value("--benchmark_out_format", "NAME", "console, json or csv",
                 [](Options& o, const std::string& v) { o.benchmark.out_format = parse_format(v); })
      ->default_str(std::string(name_of(BenchmarkOptions{}.out_format)));
  table
      .add_value("--benchmark_context", "KEY=VALUE,...", "more entries for the context",
                 [](Options& o, const std::string& v) {
                   for (const auto& [key, value] : parse_context(v)) {
                     o.benchmark.context.insert_or_assign(key, value);
                   }
                 })
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_benchmark_display(FlagTable& table) {
  table.add_switch("--benchmark_report_aggregates_only",
                   "report the statistics of repetitions alone",
                   [](Options& o) -> bool& { return o.benchmark.report_aggregates_only; });
  table.add_switch("--benchmark_display_aggregates_only",
                   "the same, but write each repetition to the file",
                   [](Options& o) -> bool& { return o.benchmark.display_aggregates_only; });
  table.add_switch("--benchmark_counters_tabular", "counters as columns",
                   [](Options& o) -> bool& { return o.benchmark.counters_tabular; });
  table
      .add_value("--benchmark_color", "BOOL", "true, false or auto (on a terminal)",
                 [](Options& o, const std::string& v) { o.benchmark.color = parse_color(v); })
      ->default_str("auto");
  table
      .add_value("--benchmark_time_unit", "UNIT", "ns, us, ms or s",
                 [](Options& o, const std::string& v) {
                   o.benchmark.time_unit = v.empty() ? v : parse_time_unit(v);
                 })
      ->default_str("us");
  table
      .add_value("--v", "N", "how much Google Benchmark says of its own work",
                 [](Options& o, const std::string& v) {
                   o.benchmark.verbosity = static_cast<int>(parse_integer(v, 0, kMaxInt));
                 })
      ->default_str(std::to_string(BenchmarkOptions{}.verbosity))
      ->envname("");  // It would be $V, which is other programs' as well.
}

// Filled in place, for CLI11's options point back to the table.
void fill(FlagTable& table, const FlagContext& context) {
  table.own_group("What to run");
  add_selection(table, context);
  table.own_group("Axes that replace the grid's");
  add_axes(table);
  add_lengths(table);
  table.own_group("Where");
  add_place(table);
  table.own_group("How closely");
  add_clocks(table);
  add_limits(table);
  table.own_group("Results");
  add_results(table);
  table.own_group("Long runs");
  add_endurance(table);
  table.own_group("Instead of a run");
  add_instead(table);
  table.benchmark_group(kBenchmarkTitle);
  add_benchmark_selection(table);
  add_benchmark_measurement(table);
  add_benchmark_files(table);
  add_benchmark_display(table);
}

[[noreturn]] void fail_exclusive(const std::string& a, const std::string& b,
                                 const std::string& reason) {
  throw InputError(a + " and " + b + " exclude each other: " + reason);
}

void check_conflicts(const GridChoice& grid) {
  if (!grid.lengths_file.empty()) {
    const std::pair<const char*, bool> others[] = {{"--batch", grid.batches.has_value()},
                                                   {"--seq_len", grid.seq_lens.has_value()},
                                                   {"--beta", grid.betas.has_value()},
                                                   {"--lengths", grid.lengths.has_value()}};
    for (const auto& [flag, given] : others) {
      if (given) fail_exclusive(flag, "--lengths_file", "batches and lengths are the file's");
    }
  }
  if (grid.betas && grid.lengths && !has_beta(*grid.lengths)) {
    fail_exclusive("--beta", "--lengths=" + std::string(name_of(*grid.lengths)),
                   "such lengths have no beta");
  }
}

// Rounds are repetitions already, in an order that is theirs.
void check_rounds(const Options& options) {
  if (options.rounds == 1) return;
  const BenchmarkOptions& given = options.benchmark;
  if (given.repetitions > 1) {
    fail_exclusive("--rounds", "--benchmark_repetitions", "a round is a repetition of all paths");
  }
  if (given.random_interleaving) {
    fail_exclusive("--rounds", "--benchmark_enable_random_interleaving",
                   "the paths of a round have their order");
  }
  if (given.min_warmup_time_s > 0) {
    fail_exclusive("--rounds", "--benchmark_min_warmup_time", "every path warms up by itself");
  }
}

void check_resume(const Options& options) {
  if (options.resume == Resume::no) return;
  if (options.benchmark.out.empty()) {
    throw InputError("--resume needs --benchmark_out=FILE, beside which the finished rows stand");
  }
  if (!options.kernels_out.empty()) {
    fail_exclusive("--resume", "--kernels_out", "the kernels of finished rows are not kept");
  }
}

// Processes that run rows for another one.
void check_workers(const Options& options) {
  const std::pair<const char*, bool> flags[] = {{"--supervise", options.supervise},
                                                {"--devices", options.devices.has_value()}};
  for (const auto& [flag, given] : flags) {
    if (!given) continue;
    if (!options.kernels_out.empty()) {
      fail_exclusive(flag, "--kernels_out", "the kernels of finished rows are not kept");
    }
    if (options.benchmark.random_interleaving) {
      fail_exclusive(flag, "--benchmark_enable_random_interleaving",
                     "rows are handed out a configuration at a time");
    }
  }
  if (options.devices && options.device != DeviceRequest{}) {
    fail_exclusive("--devices", "--device", "one of them says where rows run");
  }
  if (options.row_timeout_s && !options.supervise && !options.devices) {
    throw InputError("--row_timeout needs --supervise or --devices");
  }
}

void check_widths(const GridChoice& choice, const std::vector<LengthsLine>& lines) {
  if (std::ranges::any_of(lines, [](const LengthsLine& line) { return !line.fixed; })) return;
  const std::string reason = "each line of '" + choice.lengths_file + "' holds its own";
  if (choice.embed_dims) fail_exclusive("--embed_dim", "--lengths_file", reason);
  if (choice.heads) fail_exclusive("--heads", "--lengths_file", reason);
}

// Calls `act`, and makes the message of an InputError one line whatever text it quotes.
template <typename Act>
auto with_one_line_errors(Act&& act) {
  try {
    return std::forward<Act>(act)();
  } catch (const InputError& error) {
    throw InputError(one_line(error.what()));
  }
}

Options parsed(const std::vector<std::string>& arguments, const FlagContext& context) {
  FlagTable table(context.program, kDescription, kFooter);
  fill(table, context);
  table.read(arguments);
  Options options;
  options.help = table.has("--help");
  options.version = table.has("--version");
  if (options.help || options.version) return options;
  table.apply(options);
  check_conflicts(options.grid);
  check_rounds(options);
  check_resume(options);
  check_workers(options);
  return options;
}

Grid grid_of(const GridChoice& choice, std::string_view default_name) {
  Grid grid = named_grid(choice.name.value_or(std::string(default_name)));
  grid.dtypes = choice.dtypes.value_or(grid.dtypes);
  grid.batches = choice.batches.value_or(grid.batches);
  grid.seq_lens = choice.seq_lens.value_or(grid.seq_lens);
  grid.embed_dims = choice.embed_dims.value_or(grid.embed_dims);
  grid.heads = choice.heads.value_or(grid.heads);
  grid.betas = choice.betas.value_or(grid.betas);
  grid.lengths = choice.lengths.value_or(grid.lengths);
  if (!choice.lengths_file.empty()) {
    grid.lines = read_lengths_file(choice.lengths_file);
    check_widths(choice, grid.lines);
  }
  return grid;
}

struct NamedFile {
  std::string flag;
  std::string path;
};

std::vector<NamedFile> outputs_of(const Options& options) {
  std::vector<NamedFile> files{{"--save_path", options.save_path},
                               {"--error_save_path", options.error_save_path},
                               {"--benchmark_out", options.benchmark.out},
                               {"--kernels_out", options.kernels_out},
                               {"--dump_lengths", options.dump_lengths}};
  std::erase_if(files, [](const NamedFile& file) { return file.path.empty(); });
  return files;
}

// Beside a file that is replaced when the run ends its rows are kept while it runs.
std::optional<NamedFile> journal_of(const Options& options) {
  const std::string& out = options.benchmark.out;
  const auto file = out.empty() ? std::nullopt : replaced_file(out);
  if (!file) return std::nullopt;
  return NamedFile{"the journal of --benchmark_out", Journal::path_of(*file).string()};
}

// Each process would read it, and the first leaves nothing of a pipe.
void check_read_once(const Options& options) {
  const std::string& file = options.grid.lengths_file;
  std::error_code none;
  if (file.empty() || (!options.supervise && !options.devices)) return;
  if (!std::filesystem::exists(file, none) || std::filesystem::is_regular_file(file, none)) return;
  throw InputError("--lengths_file: '" + file +
                   "' is no regular file, and every process of --supervise and --devices reads "
                   "it: write it to a file first");
}

void check_writable_for(const NamedFile& file) {
  try {
    check_writable(file.path);
  } catch (const InputError& error) {
    throw InputError(file.flag + ": " + error.what());
  }
}

void check_distinct(const NamedFile& a, const NamedFile& b) {
  if (!same_file(a.path, b.path)) return;
  throw InputError(a.flag + " and " + b.flag + " name the same file '" + b.path + "'");
}

}  // namespace

Options parse_flags(const std::vector<std::string>& arguments, const FlagContext& context) {
  return with_one_line_errors([&] { return parsed(arguments, context); });
}

std::string help_text(const FlagContext& context) {
  FlagTable table(context.program, kDescription, kFooter);
  fill(table, context);
  return table.help();
}

Grid grid_of(const Options& options, std::string_view default_name) {
  return with_one_line_errors([&] { return grid_of(options.grid, default_name); });
}

Expansion expansion_of(const Grid& grid, std::uint64_t seed) {
  return with_one_line_errors([&] {
    Expansion expansion = expand(grid);
    for (const MhaConfig& config : expansion.configs) check_lengths(config, seed);
    return expansion;
  });
}

void check_outputs(const Options& options) {
  with_one_line_errors([&] {
    check_read_once(options);
    std::vector<NamedFile> files = outputs_of(options);
    for (const NamedFile& file : files) check_writable_for(file);
    if (auto journal = journal_of(options)) files.push_back(std::move(*journal));
    const NamedFile input{"--lengths_file", options.grid.lengths_file};
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!input.path.empty()) check_distinct(input, files[i]);
      for (std::size_t j = 0; j < i; ++j) check_distinct(files[j], files[i]);
    }
  });
}

}  // namespace mhabench::bench
