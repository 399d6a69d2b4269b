#include <algorithm>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "bench/benchmark_arguments.h"
#include "bench/context.h"
#include "bench/flags.h"
#include "bench/pair_ratios.h"
#include "bench/reporter.h"
#include "bench/self_test.h"
#include "bench/session.h"
#include "bench/share.h"
#include "bench/signals.h"
#include "bench/standard_streams.h"
#include "bench/suite.h"
#include "bench/supervise.h"
#include "bench/warnings.h"
#include "mhabench/clocks/device.h"
#include "mhabench/config/error.h"
#include "mhabench/config/text.h"
#include "mhabench/config/version.h"
#include "mhabench/inputs/lengths.h"
#include "mhabench/inputs/lengths_file.h"
#include "mhabench/results/contender_table.h"
#include "mhabench/results/contenders.h"
#include "mhabench/results/layer_totals.h"
#include "mhabench/results/output_file.h"
#include "mhabench/results/pairs.h"
#include "mhabench/results/script_files.h"
#include "mhabench/results/table.h"

namespace mhabench::bench {
namespace {

enum Status { kCorrect = 0, kWrong = 1, kUsage = 2, kNothingMatched = 3 };

// What the command line comes to: where to run what.
struct Plan {
  Options options;
  std::vector<std::string> command_line;
  DeviceChoice device;
  Grid grid;
  std::vector<PlannedRow> rows;
  std::optional<ShardContext> shard;  ///< Of the rows where they are a share of the grid's.
};

void tell(const std::string& line) {
  if (!line.empty()) std::cerr << "mha_bench: " << line << '\n';
}

// stdout belongs to Google Benchmark's format where one for machines was asked for.
std::ostream& prose(const Options& options) {
  const auto format = options.benchmark.format;
  return format && *format != Format::console ? std::cerr : std::cout;
}

// Long lists of widths and heads make hundreds of pairs that do not divide.
std::string dropped_line(std::vector<std::string> pairs) {
  constexpr std::size_t kShown = 8;
  if (pairs.empty()) return {};
  const std::size_t more = pairs.size() - std::min(pairs.size(), kShown);
  pairs.resize(pairs.size() - more);
  return "left out, since heads must divide embed_dim (embed_dim/heads): " + join(pairs, ", ") +
         (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

Plan make_plan(Options options, std::vector<std::string> command_line) {
  Plan plan;
  plan.device = choose_device(options.device, probe_cuda());
  const char* const default_grid = plan.device.device.is_cpu() ? "cpu" : "script";
  if (!plan.device.notice.empty() && !options.grid.name) {
    plan.device.notice += std::string(" with --grid=") + default_grid;
  }
  plan.grid = grid_of(options, default_grid);
  if (options.l2 == L2Mode::rotate && plan.device.device.is_cpu()) {
    throw InputError("--l2=rotate needs a GPU; on the CPU, --l2=warm alone is measured");
  }
  Expansion expansion = expansion_of(options, default_grid);
  for (MhaConfig& config : expansion.configs) {
    config.l2 = options.l2;
    config.sdpa = options.sdpa;
  }
  tell(dropped_line(expansion.dropped));
  plan.rows = plan_rows(expansion.configs, options.paths, RowFilter(options.benchmark.filter));
  if (options.shard && !plan.rows.empty()) {
    Share share = share_of(std::move(plan.rows), *options.shard, plan.device.device.is_cuda());
    plan.rows = std::move(share.rows);
    plan.shard = std::move(share.context);
  }
  plan.options = std::move(options);
  plan.command_line = std::move(command_line);
  return plan;
}

void list_rows(const Plan& plan) {
  for (const PlannedRow& row : plan.rows) std::cout << row.full_name() << '\n';
}

void dump_lengths(const Plan& plan) {
  std::vector<MhaConfig> configs;
  for (const PlannedRow& row : plan.rows) {
    if (configs.empty() || configs.back() != row.config) configs.push_back(row.config);
  }
  std::ostringstream text;
  write_lengths_dump(text, configs, plan.options.seed);
  write_file(plan.options.dump_lengths, text.str());
}

void initialize_library(const Options& options) {
  // The library writes the name into each context and keeps no copy.
  static std::vector<std::string> arguments;
  arguments = benchmark_arguments("mha_bench", options);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int argc = static_cast<int>(argv.size()) - 1;
  benchmark::Initialize(&argc, argv.data());
}

// A file that cannot be written after all takes nothing from the other files and from stdout.
bool save(const std::string& path, const std::string& text) {
  try {
    write_file(path, text);
    return true;
  } catch (const std::runtime_error& error) {
    tell(error.what());
    return false;
  }
}

std::string csv_of(const std::vector<Pair>& pairs, const std::vector<Row>& rows) {
  return has_other_paths(rows) ? script_csv(pairs, contenders_of(rows)) : script_csv(pairs);
}

// Of the script's two paths side by side, or of more.
std::string table_of(const std::vector<Pair>& pairs, const std::vector<Row>& rows,
                     std::size_t width) {
  if (!has_other_paths(rows)) return paired_table(pairs);
  const Contenders contenders = contenders_of(rows);
  const std::string totals = layer_totals(contenders, width);
  return contender_table(contenders, width) + (totals.empty() ? "" : '\n' + totals);
}

std::size_t table_width(const Options& options) {
  const bool on_stdout = &prose(options) == &std::cout;
  return terminal_width(on_stdout ? STDOUT_FILENO : STDERR_FILENO).value_or(kDefaultTableWidth);
}

// A file of a part of the rows would pass for the whole; they stay in the journal.
bool save_rows(const BenchmarkOptions& given, const SuiteReporter& reporter, Session& session,
               bool cut_short) {
  if (given.out.empty() || session.file_stands()) return true;
  if (session.journalled() && cut_short) return true;
  if (!save(given.out, reporter.text(given.out_format))) return false;
  session.settle();
  return true;
}

bool save_tables(const Options& options, const std::vector<Pair>& pairs,
                 const std::vector<Row>& rows) {
  bool saved = options.save_path.empty() || save(options.save_path, csv_of(pairs, rows));
  saved &=
      options.error_save_path.empty() || save(options.error_save_path, script_error_json(pairs));
  return saved;
}

std::string device_line(c10::Device device) {
  const std::string name = describe(device).name;
  if (device.is_cuda()) return "CUDA device:  " + name + '\n';
  const int threads = at::get_num_threads();
  return "CPU: " + name + ", " + std::to_string(threads) +
         (threads == 1 ? " thread\n" : " threads\n");
}

// The library reports no context where no row is registered.
bool all_correct(const std::vector<Row>& rows) {
  return std::none_of(rows.begin(), rows.end(), [](const Row& row) {
    return row.status == RowStatus::failed || row.errors.value_or(0) != 0;
  });
}

nlohmann::ordered_json context_of(const Plan& plan) {
  nlohmann::ordered_json context =
      suite_context(plan.device.device, plan.grid, plan.options, plan.command_line);
  context["settings"] = settings_of(plan.options);
  if (plan.shard) context[kShardKey] = nlohmann::ordered_json::parse(json_text(*plan.shard));
  return context;
}

constexpr int kSignalStatus = 128;

// What is done where a row is over: it is kept, and the run ends there if it has to.
RunOrder order_of(const Plan& plan, Session& session, const Workbench* workbench) {
  RunOrder order;
  std::size_t left = 0;
  for (const PlannedRow& row : plan.rows) {
    order.positions.emplace(row.name, order.positions.size());
    if (!session.has(row.name)) ++left;
  }
  order.finished = [&session, workbench, left](const FinishedRow& row) mutable {
    session.finish_row(row);
    if (workbench->lost_device()) {
      throw CutShort("the GPU serves this process no more: " + *workbench->lost_device(), kWrong);
    }
    const int signal = signal_received();
    if (--left > 0 && signal != 0 && !session.waits()) {
      throw CutShort(std::string("ended by ") + signal_name(signal), kSignalStatus + signal);
    }
  };
  return order;
}

// The row that the process before died in: it is told as failed, and not run again.
void record_death(const Plan& plan, Session& session, const std::string& death) {
  const auto planned = std::ranges::find(plan.rows, session.begun(), &PlannedRow::name);
  if (!session.begun() || planned == plan.rows.end()) return;
  Row row;
  row.path = planned->path->name;
  row.config = planned->config;
  row.device = device_name(plan.device.device);
  row.seed = plan.options.seed;
  const LengthStats stats = stats_of(make_lengths(row.config, row.seed), row.config.seq_len);
  row.tokens = stats.tokens;
  row.sum_len_sq = stats.sum_len_sq;
  row.padding = stats.padding;
  row.status = RowStatus::failed;
  row.message = death;
  const auto position = static_cast<std::size_t>(planned - plan.rows.begin());
  session.record(lost_row(*planned, position, row, plan.options.benchmark));
}

std::vector<PlannedRow> rows_left(const Plan& plan, const Session& session) {
  std::vector<PlannedRow> rows = plan.rows;
  std::erase_if(rows, [&](const PlannedRow& row) { return session.has(row.name); });
  return rows;
}

// How a run came to its end, before its rows are saved and printed.
struct Ending {
  std::optional<CutShort> cut_short;
  bool saved = true;  // what is written while rows run
};

void add_state(SuiteReporter& reporter, const std::string& key, const Workbench& workbench) {
  if (workbench.device().is_cpu()) return;
  reporter.add_context(key, state_context(workbench.device_state()));
}

std::unique_ptr<Workbench> make_workbench(const Plan& plan, const Session& session) {
  const Options& options = plan.options;
  auto workbench = std::make_unique<Workbench>(
      plan.device.device, options.seed,
      ClockSettings{options.trace, options.cooldown, !options.kernels_out.empty(), options.peaks});
  if (!workbench->why_no_trace().empty()) {
    tell("kernels are not traced: " + workbench->why_no_trace());
  }
  for (const KeptRow& kept : session.kept()) {
    if (kept.rows.back().status == RowStatus::measured) {
      workbench->note_output(kept.finished.name);
    }
  }
  return workbench;
}

Ending measure(const std::vector<PlannedRow>& rows, const Options& options, Workbench& workbench,
               Session& session, RowStore& store, Progress& progress, SuiteReporter& reporter) {
  Ending ending;
  const std::function<void(const std::string&)> begins = [&](const std::string& name) {
    progress.start_row(name);
    session.begin_row(name);
  };
  session.expect(rows, runs_in_rounds(options));
  register_rows(rows, options, workbench, store, begins);
  add_state(reporter, "state_at_start", workbench);
  try {
    benchmark::RunSpecifiedBenchmarks(&reporter);
  } catch (const CutShort& cut_short) {
    reporter.Finalize();
    ending.cut_short = cut_short;
  }
  add_state(reporter, "state_at_end", workbench);
  if (auto peaks = peaks_context(workbench.peaks()); !peaks.is_null()) {
    reporter.add_context("peaks", std::move(peaks));
  }
  ending.saved = options.kernels_out.empty() || save(options.kernels_out, workbench.kernel_lines());
  return ending;
}

int status_of(const Ending& ending, bool saved, bool complete, const SuiteReporter& reporter) {
  if (ending.cut_short) return ending.cut_short->status();
  if (signal_received() != 0) return kSignalStatus + signal_received();
  return saved && complete && all_correct(reporter.rows()) ? kCorrect : kWrong;
}

int run_suite(const Plan& plan, const Supervision& supervised,
              PhaseTimes::Clock::time_point start) {
  const Options& options = plan.options;
  const TellWarnings warnings(tell);
  if (options.threads) at::set_num_threads(*options.threads);
  use_device(plan.device.device);
  Session session(options, plan.rows, context_of(plan));
  watch_signals();
  if (supervised.child <= 1) prose(options) << device_line(plan.device.device) << std::flush;
  if (supervised.death) record_death(plan, session, *supervised.death);

  const std::vector<PlannedRow> rows = rows_left(plan, session);
  std::unique_ptr<Workbench> workbench;
  if (!rows.empty()) workbench = make_workbench(plan, session);
  const std::size_t repetitions = repetitions_of(options.benchmark);
  const std::size_t expected = plan.rows.size() * repetitions;
  RowStore store;
  Progress progress(std::cerr, terminal_width(STDERR_FILENO), rows.size() * repetitions);
  SuiteReporter reporter(options.benchmark, session.context(), store, progress,
                         order_of(plan, session, workbench.get()));
  for (const KeptRow& kept : session.kept()) reporter.keep(kept.finished, kept.rows);
  initialize_library(options);
  Ending ending;
  if (workbench) {
    ending = measure(rows, options, *workbench, session, store, progress, reporter);
    tell(workbench->phases().line(PhaseTimes::Clock::now() - start));
    if (workbench->lost_device()) {
      if (supervised.child > 0) std::_Exit(kReplaceMe);
      // Nothing on such a device can be freed, and trying to ends the process.
      static_cast<void>(workbench.release());
    }
  } else {
    benchmark::BenchmarkReporter::Context context;
    if (!plan.rows.empty()) context.name_field_width = plan.rows.front().full_name().size();
    reporter.ReportContext(context);
  }
  reporter.put_in_order();

  std::vector<Pair> pairs = pair_rows(reporter.rows());
  if (options.rounds > 1) {
    const std::vector<PairRatio> ratios = ratios_of(reporter.rows());
    enter_ratios(ratios, pairs);
    reporter.add_list("pairs", ratios_json(ratios));
  }
  bool saved = ending.saved;
  saved &= save_rows(options.benchmark, reporter, session, ending.cut_short.has_value());
  saved &= save_tables(options, pairs, reporter.rows());
  const auto format = options.benchmark.format;
  if (format && *format != Format::console) std::cout << reporter.text(*format) << std::flush;
  const std::string table = table_of(pairs, reporter.rows(), table_width(options));
  if (!table.empty()) prose(options) << table << '\n';
  prose(options) << closing_lines(pairs, reporter.rows()) << std::flush;
  benchmark::Shutdown();  // not before: it frees the context that reports are written from

  const bool complete = reporter.rows().size() >= expected;
  if (ending.cut_short) {
    tell(ending.cut_short->what());
    tell(session.how_to_go_on());
  } else if (!complete) {
    tell(std::to_string(expected - reporter.rows().size()) + " rows were lost");
  }
  return status_of(ending, saved, complete, reporter);
}

int run_self_test(const Options& options) {
  const DeviceChoice choice = choose_device(options.device, probe_cuda());
  tell(choice.notice);
  const TellWarnings warnings(tell);
  use_device(choice.device);
  std::cout << device_line(choice.device) << std::flush;
  const std::vector<Proof> proofs = prove_clocks(choice.device);
  std::cout << proofs_text(proofs);
  return all_right(proofs) ? kCorrect : kWrong;
}

bool runs_nothing(const Options& options) {
  return options.list || options.benchmark.list_tests || !options.dump_lengths.empty();
}

int nothing_matched(const Options& options) {
  tell("no row matches --benchmark_filter='" + options.benchmark.filter +
       "'; --list shows the names");
  return kNothingMatched;
}

int run(const std::vector<std::string>& arguments) {
  const auto start = PhaseTimes::Clock::now();
  const FlagContext context{path_names()};
  Options options = parse_flags(arguments, context);
  if (options.help) {
    std::cout << help_text(context);
    return kCorrect;
  }
  if (options.version) {
    std::cout << "mha_bench " << project_version() << " (" << project_revision() << "), LibTorch "
              << versions().torch << '\n';
    return kCorrect;
  }
  if (options.self_test) return run_self_test(options);
  check_outputs(options);
  const Supervision supervised = supervision();
  if (options.supervise && supervised.child == 0 && !runs_nothing(options)) {
    return supervise(options, arguments);
  }
  if (supervised.child > 1 && options.resume == Resume::no) options.resume = Resume::yes;
  const Plan plan = make_plan(options, arguments);
  if (plan.rows.empty() && !plan.shard) return nothing_matched(options);
  const bool lists = options.list || options.benchmark.list_tests;
  const bool dumps = !options.dump_lengths.empty();
  if (lists) list_rows(plan);
  if (dumps) dump_lengths(plan);
  if (lists || dumps) return kCorrect;
  tell(plan.device.notice);
  if (plan.shard) tell(line_of(*plan.shard));
  return run_suite(plan, supervised, start);
}

// A reader of stdout who left changes nothing: the rows ran and the files hold them.
int with_stdout_checked(int status) {
  if (stdout_arrived()) return status;
  tell("not all of the output could be written to stdout");
  return std::max<int>(status, kWrong);
}

}  // namespace
}  // namespace mhabench::bench

int main(int argc, char** argv) {
  using namespace mhabench;
  bench::secure_standard_streams();
  try {
    return bench::with_stdout_checked(bench::run({argv + 1, argv + argc}));
  } catch (const InputError& error) {
    std::cerr << "mha_bench: " << error.what() << '\n';
    return bench::kUsage;
  } catch (const std::exception& error) {
    std::cerr << "mha_bench: " << error.what() << '\n';
    return bench::kWrong;
  }
}
