#pragma once

#include <memory>
#include <string>

#include "bench/cli/options.h"
#include "bench/run/finish_run.h"
#include "bench/run/plan.h"
#include "bench/run/reporter.h"
#include "mhabench/measure/measurement.h"
#include "mhabench/measure/phases.h"

namespace mhabench::bench {

/// Hands Google Benchmark its flags; to be called once, before a reporter writes and rows run.
void initialize_library(const Options& options);

void use_threads(const Options& options);

/// What the plan's rows are measured with, on its device.
std::unique_ptr<Workbench> make_workbench(const Plan& plan);

/// A line that says why kernels are not traced, or empty.
std::string why_no_trace(const Workbench& workbench);

/// The end of a run that a signal stopped.
CutShort ended_by(int signal);

/// The end of a run whose process can no longer use the GPU.
CutShort lost_device(const Workbench& workbench);

/// Reports an empty run: the context of a file whose rows were measured elsewhere.
void report_context(const Plan& plan, RunReporter& reporter);

/// Measures the plan's rows in this process, from the start or from the journal's end, saves and
/// prints them. `start` is when the program started. Returns the exit status.
int run_here(const Plan& plan, PhaseTimes::Clock::time_point start);

}  // namespace mhabench::bench
