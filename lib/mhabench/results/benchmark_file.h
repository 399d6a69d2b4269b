#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mhabench/results/row.h"

namespace mhabench {

/// One entry of "benchmarks" in a results file: of this suite, or of any program on Google
/// Benchmark 1.7 or newer.
struct FileRow {
  std::string name;       ///< what its repetitions and aggregates have in common
  int repetition = 0;     ///< from 0
  std::string aggregate;  ///< "mean", "median", ...; empty for a run of its own
  RowStatus status = RowStatus::measured;
  std::string message;                 ///< of a row that is not measured
  std::optional<double> real_time_us;  ///< absent where nothing was measured
  std::optional<double> cpu_time_us;
  std::vector<std::pair<std::string, double>> numbers;  ///< all others, counters included
  std::vector<std::pair<std::string, std::string>> strings;

  std::optional<double> number(std::string_view key) const;
  /// "" where there is none.
  std::string_view string(std::string_view key) const;
  /// The row's path where it tells one, as its "path" or in a name MHA/<path>/...; else the name up
  /// to its first '/'.
  std::string_view path() const;
};

/// A results file, read.
struct BenchmarkFile {
  std::string name;  ///< as it was asked for
  /// The context with the keys of its objects joined by dots ("grid.dtype"); strings as they are,
  /// the rest as JSON.
  std::map<std::string, std::string> context;
  std::vector<FileRow> rows;

  /// "" where the context does not have the key.
  std::string told(const std::string& key) const;
};

/// Reads the JSON that Google Benchmark writes: errors as `error_occurred`, skips as `skipped` or
/// with the suite's `skip_reason`, times in any unit, aggregates (the statistics of times alone:
/// what they say of other numbers stays in `numbers`), repetitions, and its NaN and Infinity, which
/// are no JSON and count as absent. Throws InputError, one line with the file and the place: a file
/// that cannot be read, is empty, truncated, compressed, above 1 GiB or no such JSON, and a field
/// of another type.
BenchmarkFile read_benchmark_file(const std::filesystem::path& path);

/// The same for a text at hand; `name` stands in messages.
BenchmarkFile parse_benchmark_file(std::string_view text, std::string name);

}  // namespace mhabench
