#pragma once

#include <optional>
#include <ostream>
#include <string>

#include <c10/core/Device.h>

#include "bench/console/program.h"
#include "bench/run/plan.h"
#include "bench/run/reporter.h"
#include "bench/run/run_journal.h"

namespace mhabench::bench {

/// The stream for people: stderr if stdout holds a format for machines.
std::ostream& prose(const Options& options);

/// "CUDA device:  NVIDIA H200", or the CPU with its threads; ends with a newline.
std::string device_line(c10::Device device);

/// Says that the filter keeps no row; returns the exit status.
int nothing_matched(const Options& options);

/// Writes a file. If that fails, prints the reason and returns false, so that the other outputs are
/// still written.
bool save(const std::string& path, const std::string& text);

/// How a run ended, before its rows are saved and printed.
struct RunEnd {
  std::optional<CutShort> cut_short;
  bool saved = true;  ///< files that are written while rows run
};

/// Puts the rows in order, writes the files that were asked for, prints the table and the lines
/// below it, and says how to resume a run that was cut short. Returns the exit status.
int finish_run(const Plan& plan, const RunEnd& end, RunReporter& reporter, RunJournal& journal);

}  // namespace mhabench::bench
