#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mhabench/shards/shard_file.h"

namespace mhabench {

/// One results file out of those of a sweep's shares.
struct Merged {
  std::string text;  ///< Google Benchmark's JSON, as a run of the whole would have written it
  std::size_t shards = 0;
  std::size_t rows = 0;            ///< that it holds
  std::size_t wrong = 0;           ///< of them, wrong or failed
  std::size_t missing = 0;         ///< of the plan's rows, absent or not all there
  std::vector<std::string> notes;  ///< a line each: what is missing, wrong or failed

  /// Whether all rows of the plan are there and correct.
  bool is_correct() const { return wrong == 0 && missing == 0; }
};

/// Puts the shares of one sweep together, rows in the plan's order. What is the same in all
/// contexts stays in the context; what may differ between shares and does (where and when they ran)
/// goes to its list `shards`. Shares that are missing and rows that were lost are told, not
/// refused.
///
/// Throws InputError, one line that names the files: no file; shares of different plans, or whose
/// contexts differ in what rows mean (GPU, driver, versions, revision, grid, seed, settings, any
/// key of the suite whose values must agree); the same share or row twice. Takes time and memory
/// linear in the size of the files.
Merged merge_shards(std::vector<ShardFile> files);

}  // namespace mhabench
