#include "bench/run/finish_run.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <unistd.h>
#include <vector>

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "bench/console/progress.h"
#include "bench/console/signals.h"
#include "bench/console/tell.h"
#include "bench/run/registration.h"
#include "mhabench/base/output_file.h"
#include "mhabench/compare/pair_ratios.h"
#include "mhabench/device/device.h"
#include "mhabench/results/contender_table.h"
#include "mhabench/results/contenders.h"
#include "mhabench/results/layer_totals.h"
#include "mhabench/results/pairs.h"
#include "mhabench/results/script_files.h"
#include "mhabench/results/table.h"

namespace mhabench::bench {
namespace {

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

bool save_rows(const BenchmarkOptions& given, const RunReporter& reporter, RunJournal& journal) {
  if (given.out.empty() || journal.file_stands()) return true;
  if (!save(given.out, reporter.text(given.out_format))) {
    tell(journal.how_to_go_on());
    return false;
  }
  journal.settle();
  return true;
}

bool save_tables(const Options& options, const std::vector<Pair>& pairs,
                 const std::vector<Row>& rows) {
  bool saved = options.save_path.empty() || save(options.save_path, csv_of(pairs, rows));
  saved &=
      options.error_save_path.empty() || save(options.error_save_path, script_error_json(pairs));
  return saved;
}

std::vector<Pair> pairs_of(const std::vector<Row>& rows, const Options& options,
                           RunReporter& reporter) {
  std::vector<Pair> pairs = pair_rows(rows);
  if (options.rounds > 1) {
    const std::vector<PairRatio> ratios = ratios_of(rows);
    enter_ratios(ratios, pairs);
    reporter.add_list("pairs", ratios_json(ratios));
  }
  return pairs;
}

void print(const Options& options, const std::vector<Pair>& pairs, const std::vector<Row>& rows,
           const RunReporter& reporter) {
  const auto format = options.benchmark.format;
  if (format && *format != Format::console) std::cout << reporter.text(*format) << std::flush;
  const std::string table = table_of(pairs, rows, table_width(options));
  if (!table.empty()) prose(options) << table << '\n';
  prose(options) << closing_lines(pairs, rows) << std::flush;
}

bool all_correct(const std::vector<Row>& rows) {
  return std::none_of(rows.begin(), rows.end(), [](const Row& row) {
    return row.status == RowStatus::failed || row.errors.value_or(0) != 0;
  });
}

}  // namespace

std::ostream& prose(const Options& options) {
  const auto format = options.benchmark.format;
  return format && *format != Format::console ? std::cerr : std::cout;
}

std::string device_line(c10::Device device) {
  const std::string name = describe(device).name;
  if (device.is_cuda()) return "CUDA device:  " + name + '\n';
  const int threads = at::get_num_threads();
  return "CPU: " + name + ", " + std::to_string(threads) +
         (threads == 1 ? " thread\n" : " threads\n");
}

int nothing_matched(const Options& options) {
  tell("no row matches --benchmark_filter='" + options.benchmark.filter +
       "'; --list shows the names");
  return kNothingMatched;
}

bool save(const std::string& path, const std::string& text) {
  try {
    write_file(path, text);
    return true;
  } catch (const std::runtime_error& error) {
    tell(error.what());
    return false;
  }
}

int finish_run(const Plan& plan, const RunEnd& end, RunReporter& reporter, RunJournal& journal) {
  const Options& options = plan.options;
  reporter.put_in_order();
  const std::vector<Row> rows = reporter.rows();
  const std::vector<Pair> pairs = pairs_of(rows, options, reporter);
  bool saved = end.saved;
  // Files of a part of the rows would pass for the whole if the rest can be gone on with.
  if (!end.cut_short || !journal.journalled()) {
    saved &= save_rows(options.benchmark, reporter, journal);
    saved &= save_tables(options, pairs, rows);
  }
  print(options, pairs, rows, reporter);
  benchmark::Shutdown();  // not before: it frees the context that reports are written from

  if (end.cut_short) {
    tell(end.cut_short->what());
    tell(journal.how_to_go_on());
    return end.cut_short->status();
  }
  const std::size_t expected = plan.rows.size() * repetitions_of(options.benchmark);
  const std::size_t lost = expected - std::min(expected, rows.size());
  if (lost > 0) tell(std::to_string(lost) + " rows were lost");
  if (signal_received() != 0) return kSignalStatus + signal_received();
  if (lost > 0 || !all_correct(rows)) return kWrong;
  return saved ? kCorrect : kFailed;
}

}  // namespace mhabench::bench
