#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "mhabench/results/journal.h"
#include "mhabench/results/row.h"

namespace mhabench::bench {

/// A row that is over, with all its repetitions.
struct KeptRow {
  FinishedRow finished;   ///< what goes into the results file
  std::vector<Row> rows;  ///< behind its repetitions, in their order
};

/// Holds the rows that fixtures made until Google Benchmark reports them. A row is known by the
/// name that it was registered under; each invocation of its fixture leaves one.
class RowStore {
 public:
  void put(const std::string& name, Row row);

  /// The rows behind a report of `repetitions`: those of the last as many invocations. Invocations
  /// before them warmed up or fell short of --benchmark_min_time, which the library does not
  /// report. All rows of that name are gone then.
  std::vector<Row> take(const std::string& name, std::size_t repetitions);

 private:
  std::unordered_map<std::string, std::vector<Row>> rows_;
};

}  // namespace mhabench::bench
