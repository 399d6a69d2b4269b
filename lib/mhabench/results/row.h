#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mhabench/config/config.h"

namespace mhabench {

/// Whether a row holds a time. Skipped: the path does not support the configuration. Failed: an
/// exception. A wrong output is a measured row with errors = 1.
enum class RowStatus { measured, skipped, failed };

/// The time of a canary, one matrix product of a fixed size, between rows.
struct CanaryReading {
  double us = 0;
  std::optional<double> sm_mhz;
  double seconds = 0;  ///< since the process that read it began to run rows
};

/// The element of a row's output that comes nearest to its bound, or goes farthest beyond it.
struct WorstError {
  std::int64_t sequence = 0, position = 0, feature = 0;
  double error = 0;  ///< |output - reference|
  double bound = 0;  ///< its own
};

/// One configuration on one path: what was asked, what was seen. Times in us, shares from 0 to 1.
/// What is absent is unknown.
struct Row {
  std::string path;
  MhaConfig config;
  std::string device;  ///< "cpu", "cuda:0"
  std::uint64_t seed = 0;

  // Of the lengths.
  std::int64_t tokens = 0;  ///< 0 where the lengths are not known, which fails the row
  double sum_len_sq = 0;
  double padding = 0;
  std::optional<std::uint32_t> lengths_crc;  ///< tells batches apart that tokens and squares do not

  RowStatus status = RowStatus::measured;
  std::string message;  ///< of a row that is not measured: one line that says why

  // Of the check.
  std::optional<int> errors;  ///< 0 or 1
  std::optional<std::int64_t> nonfinite;
  std::optional<double> max_abs_err, rel_err, rel_bound;
  std::optional<WorstError> worst;
  std::optional<bool> agrees;  ///< fast with slow, by the script's bound; on the later of the two

  // Of the event clock.
  std::int64_t calls = 0;              ///< timed
  std::optional<double> real_time_us;  ///< mean over the batch
  std::optional<double> cpu_us;        ///< of the calling thread, a call
  std::optional<std::int64_t> samples;
  std::optional<double> calls_per_sample;
  std::optional<double> event_us_median, event_us_p05, event_us_p95;  ///< of the samples' means
  std::optional<double> event_ci;  ///< relative half width of the median's 95 % interval

  // Of the host's clock.
  std::optional<double> host_us;
  std::optional<int> syncs;  ///< 1 where the call waits for the GPU

  // Of the kernel trace.
  std::optional<double> busy_us, busy_ci, kernels;
  std::string backend;               ///< empty where it is not known
  std::optional<int> trace_suspect;  ///< 1 where busy_us stays above the event time by over 2 %
  std::string trace_problem;         ///< why a row's trace could not be relied on; else empty

  // Of the rounds, where the paths of a configuration took turns; in their order, else empty.
  std::vector<double> event_rounds_us, busy_rounds_us;  ///< medians

  // Of the limits.
  std::optional<double> useful_flops, executed_flops, flops_ratio;
  std::optional<double> tflops;  ///< useful, over busy_us
  std::optional<double> floor_us, over_floor;

  // Of memory and data.
  std::optional<std::int64_t> peak_bytes;  ///< above the inputs
  std::optional<double> pack_us, unpack_us;
  std::string pack_problem;  ///< why they are not known; else empty

  // Of the GPU's state.
  std::optional<double> sm_mhz, throttled;
  std::optional<CanaryReading> canary;  ///< right before the row, where one was timed

  std::optional<double> bytes_asked;  ///< of a row that failed for want of memory
};

/// Whether the loop of calls took the time that the host needs to enqueue them, and the GPU waited
/// for it: busy_us under 0.9 of the event clock's median, and host_us at least busy_us. Where
/// kernels were not traced, for calls alone that do not wait for the GPU: host_us at least 0.9 of
/// that median.
bool host_limited(const Row& row);

/// A number of a row under its name in the results. `get` gives nothing where it is not known;
/// `set` puts a number that was read back in its place, and is null for what the row's name holds.
/// It throws InputError where no number of that field can be so.
struct NumberField {
  std::string_view name;
  std::optional<double> (*get)(const Row& row);
  void (*set)(Row& row, double value);
};

/// The same for a string; "" is not known.
struct StringField {
  std::string_view name;
  std::string (*get)(const Row& row);
  void (*set)(Row& row, std::string value);
};

/// The same for a list of numbers; an empty one is not known.
struct ListField {
  std::string_view name;
  std::vector<double> Row::*values;
};

/// Every field of a row, in the order of the results: the one list, for writing and for reading.
const std::vector<NumberField>& number_fields();
const std::vector<StringField>& string_fields();
const std::vector<ListField>& list_fields();

/// The row's numbers that are known, in the spelling and order of the results' fields; all finite.
std::vector<std::pair<std::string, double>> numbers_of(const Row& row);

/// The row's strings that are known.
std::vector<std::pair<std::string, std::string>> strings_of(const Row& row);

}  // namespace mhabench
