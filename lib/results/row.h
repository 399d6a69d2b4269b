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

  RowStatus status = RowStatus::measured;
  std::string message;  ///< of a row that is not measured: one line that says why

  // Of the check.
  std::optional<int> errors;  ///< 0 or 1
  std::optional<std::int64_t> nonfinite;
  std::optional<double> max_abs_err, rel_err, tolerance;
  std::optional<bool> agrees;  ///< fast with slow, by the script's bound; on the later of the two

  // Of the event clock.
  std::int64_t calls = 0;  ///< timed
  std::optional<double> real_time_us;
};

/// The row's numbers that are known, in the spelling and order of the results' fields; all finite.
std::vector<std::pair<std::string, double>> numbers_of(const Row& row);

/// The row's strings: path, dtype, device, lengths.
std::vector<std::pair<std::string, std::string>> strings_of(const Row& row);

}  // namespace mhabench
