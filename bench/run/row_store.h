#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "mhabench/results/row.h"

namespace mhabench::bench {

/// Holds the rows that fixtures made until Google Benchmark reports them. A benchmark may be
/// invoked several times and report the last of them alone, so a row is found by name, number of
/// calls and total time, which the report repeats exactly.
class RowStore {
 public:
  void put(const std::string& name, Row row);

  /// Takes the row behind a report of `iterations` calls in `total_seconds` of manual time; a
  /// report without a time (of a failed or skipped row) has no iterations. Absent where no row
  /// fits.
  std::optional<Row> take(const std::string& name, std::int64_t iterations, double total_seconds);

 private:
  std::unordered_map<std::string, std::vector<Row>> rows_;
};

}  // namespace mhabench::bench
