#include "bench/run/local_run.h"

#include <functional>
#include <iostream>
#include <unistd.h>
#include <vector>

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "bench/cli/benchmark_arguments.h"
#include "bench/console/progress.h"
#include "bench/console/signals.h"
#include "bench/console/tell.h"
#include "bench/console/warnings.h"
#include "bench/run/context.h"
#include "bench/run/registration.h"
#include "mhabench/device/device.h"
#include "mhabench/measure/needs.h"

namespace mhabench::bench {
namespace {

// After each row: keeps it, and ends the run there if it has to.
RunOrder order_of(const Plan& plan, RunJournal& journal, const Workbench* workbench) {
  RunOrder order{positions_of(plan), {}};
  order.finished = [&journal, workbench,
                    left = rows_left(plan, journal).size()](const FinishedRow& row) mutable {
    journal.finish_row(row);
    if (!journal.journalled()) note_unkept_row();
    if (workbench->notes.lost_device) throw lost_device(*workbench);
    const int signal = signal_received();
    if (--left > 0 && signal != 0 && !journal.waits()) throw ended_by(signal);
  };
  return order;
}

void add_state(RunReporter& reporter, const std::string& key, const Workbench& workbench) {
  if (workbench.device().is_cpu()) return;
  reporter.add_context(key, state_context(workbench.context.state()));
}

RunEnd measure(const std::vector<PlannedRow>& rows, const Options& options, Workbench& workbench,
               RunJournal& journal, RowStore& store, Progress& progress, RunReporter& reporter) {
  RunEnd end;
  const std::function<void(const std::string&)> begins = [&](const std::string& name) {
    progress.start_row(name);
    journal.begin_row(name);
  };
  journal.expect(rows, runs_in_rounds(options));
  register_rows(rows, options, workbench, store, begins);
  add_state(reporter, "state_at_start", workbench);
  try {
    benchmark::RunSpecifiedBenchmarks(&reporter);
  } catch (const CutShort& cut_short) {
    reporter.Finalize();
    end.cut_short = cut_short;
  }
  if (workbench.context.canaries())
    reporter.add_context("canaries", workbench.context.canaries()->finish());
  add_state(reporter, "state_at_end", workbench);
  if (auto peaks = peaks_context(workbench.context.peaks()); !peaks.is_null()) {
    reporter.add_context("peaks", std::move(peaks));
  }
  end.saved =
      options.kernels_out.empty() || save(options.kernels_out, workbench.notes.kernel_lines);
  return end;
}

// Another row's output can be held against theirs.
void note_outputs(const std::vector<KeptRow>& kept, Workbench& workbench) {
  for (const KeptRow& row : kept) {
    if (row.rows.back().status == RowStatus::measured)
      workbench.notes.seen_outputs.insert(row.finished.name);
  }
}

}  // namespace

void use_threads(const Options& options) {
  if (options.threads) at::set_num_threads(*options.threads);
}

std::string why_no_trace(const Workbench& workbench) {
  const std::string& why = workbench.context.why_no_trace();
  return why.empty() ? why : "kernels are not traced: " + why;
}

CutShort ended_by(int signal) {
  return {std::string("ended by ") + signal_name(signal), kSignalStatus + signal};
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

std::unique_ptr<Workbench> make_workbench(const Plan& plan) {
  const Options& options = plan.options;
  return std::make_unique<Workbench>(
      plan.device, options.seed,
      ClockSettings{options.trace, options.cooldown, !options.kernels_out.empty(), options.peaks,
                    options.canary_s});
}

CutShort lost_device(const Workbench& workbench) {
  return {"the GPU serves this process no more: " + *workbench.notes.lost_device, kWrong};
}

void report_context(const Plan& plan, RunReporter& reporter) {
  benchmark::BenchmarkReporter::Context context;
  if (!plan.rows.empty()) context.name_field_width = plan.rows.front().full_name().size();
  reporter.ReportContext(context);
}

int run_here(const Plan& plan, PhaseTimes::Clock::time_point start) {
  const Options& options = plan.options;
  const TellWarnings warnings(tell);
  use_threads(options);
  use_device(plan.device);
  check_any_fits(plan.rows, room_on(plan.device));
  RunJournal journal(options, plan.rows, context_of(plan));
  watch_signals();
  prose(options) << device_line(plan.device) << std::flush;

  const std::vector<PlannedRow> rows = rows_left(plan, journal);
  std::unique_ptr<Workbench> workbench;
  if (!rows.empty()) {
    workbench = make_workbench(plan);
    tell(why_no_trace(*workbench));
    note_outputs(journal.kept(), *workbench);
  }
  RowStore store;
  Progress progress(std::cerr, terminal_width(STDERR_FILENO),
                    rows.size() * repetitions_of(options.benchmark));
  RunReporter reporter(options.benchmark, journal.context(), store, progress,
                       order_of(plan, journal, workbench.get()));
  for (const KeptRow& kept : journal.kept()) reporter.keep(kept);
  initialize_library(options);
  RunEnd end;
  if (workbench) {
    end = measure(rows, options, *workbench, journal, store, progress, reporter);
    tell(workbench->notes.phases.line(PhaseTimes::Clock::now() - start));
    // Nothing on a lost device can be freed, and trying to ends the process.
    if (workbench->notes.lost_device) static_cast<void>(workbench.release());
  } else {
    report_context(plan, reporter);
  }
  return finish_run(plan, end, reporter, journal);
}

}  // namespace mhabench::bench
