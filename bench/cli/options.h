#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mhabench/config/config.h"
#include "mhabench/config/device_request.h"
#include "mhabench/shards/shard.h"
#include "mhabench/work/floor.h"

namespace mhabench::bench {

/// The grid that was asked for: a name, and the axes that replace that grid's own. Absent is not
/// given.
struct GridChoice {
  std::optional<std::string> name;
  std::optional<std::vector<Dtype>> dtypes;
  std::optional<std::vector<std::int64_t>> batches;
  std::optional<std::vector<std::int64_t>> seq_lens;
  std::optional<std::vector<std::int64_t>> embed_dims;
  std::optional<std::vector<std::int64_t>> heads;
  std::optional<std::vector<Decimal>> betas;
  std::optional<LengthsKind> lengths;
  std::string lengths_file;
};

enum class Format { console, json, csv };
/// Whether to go on with a run that did not end: not, where it is the same run, or in any case.
enum class Resume { no, yes, force };
enum class Color { automatic, always, never };

/// Google Benchmark's flags, read and checked by the suite.
struct BenchmarkOptions {
  std::string filter;
  std::optional<Format> format;  ///< Absent: the suite's own table.
  std::string out;
  Format out_format = Format::json;
  /// How long a row is measured at least, in seconds, or exactly how many calls it makes. At most
  /// one is given; absent, the suite decides.
  std::optional<double> min_time_s;
  std::optional<std::int64_t> iterations;
  double min_warmup_time_s = 0;
  int repetitions = 1;
  bool dry_run = false;  ///< One call and one repetition, whatever the other flags say.
  bool random_interleaving = false;
  bool report_aggregates_only = false;
  bool display_aggregates_only = false;
  Color color = Color::automatic;
  bool counters_tabular = false;
  std::map<std::string, std::string> context;
  std::string perf_counters;
  std::string time_unit;  ///< "ns", "us", "ms", "s", or empty: the rows' own.
  int verbosity = 0;
  bool list_tests = false;
};

/// No row takes that long but on a machine that hangs or swaps.
inline constexpr double kDefaultRowTimeoutS = 600;

/// The command line. The defaults that stand here are those that --help prints.
struct Options {
  std::vector<std::string> paths{"slow", "fast"};
  GridChoice grid;
  std::optional<SdpaBackend> sdpa;  ///< Absent: PyTorch's choice.
  std::optional<Shard> shard;       ///< Absent: all rows.
  std::uint64_t seed = 26214;       // The script's.
  DeviceRequest device;
  /// As --device takes each, to run rows at once; empty: every GPU. Absent: `device` alone.
  std::optional<std::vector<std::string>> devices;
  std::optional<int> threads;
  std::optional<double> precision;       ///< Absent: the suite's, by what limits a row.
  std::optional<double> max_row_time_s;  ///< Absent: the suite's, by device.
  L2Mode l2 = L2Mode::warm;
  int rounds = 1;
  std::optional<PeakRates> peaks;  ///< Absent: measured.
  bool trace = true;
  bool cooldown = false;
  std::optional<double> canary_s;  ///< Absent: none.
  std::string kernels_out;
  bool self_test = false;
  std::string save_path;  ///< Files not asked for are empty.
  std::string error_save_path;
  std::string dump_lengths;
  Resume resume = Resume::no;
  bool supervise = false;
  std::optional<double> row_timeout_s;  ///< Absent: kDefaultRowTimeoutS.
  bool list = false;
  /// What --help or --version print in place of all else, and nothing else has been read; or empty.
  std::string answer;
  BenchmarkOptions benchmark;
};

}  // namespace mhabench::bench
