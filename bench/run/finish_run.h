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

/// Where prose goes: stdout belongs to Google Benchmark's format where one for machines was asked
/// for.
std::ostream& prose(const Options& options);

/// "CUDA device:  NVIDIA H200", or the CPU with its threads; ends with a newline.
std::string device_line(c10::Device device);

/// Tells that the filter keeps no row; the exit status.
int nothing_matched(const Options& options);

/// Writes a file; where that fails, tells why and is false. What cannot be written after all takes
/// nothing from other files and from stdout.
bool save(const std::string& path, const std::string& text);

/// How a run came to its end, before its rows are saved and printed.
struct RunEnd {
  std::optional<CutShort> cut_short;
  bool saved = true;  ///< what is written while rows run
};

/// Puts the rows in order, writes the files that were asked for, prints the table and what stands
/// below it, and says how a run that was cut short can be gone on with. The exit status.
int finish_run(const Plan& plan, const RunEnd& end, RunReporter& reporter, RunJournal& journal);

}  // namespace mhabench::bench
