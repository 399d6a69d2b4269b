#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "bench/run/planned_row.h"
#include "bench/workers/worker_messages.h"

namespace mhabench::bench {

/// Places of rows in the plan, from 0.
using Places = std::vector<std::size_t>;

/// The rows that are left to run, handed out a configuration at a time, in the plan's order.
class RowQueue {
 public:
  /// Of a plan's rows, which outlive it.
  explicit RowQueue(const std::vector<PlannedRow>& rows);

  /// A row is over and kept; `was_seen` if its output was.
  void finish(std::size_t place, bool was_seen);

  /// How many rows are not over.
  std::size_t left() const { return left_; }

  /// The next rows of one configuration, with the rows of it whose output was seen. Absent if
  /// others have all rows that are left; those of a worker that dies may come back.
  std::optional<Assignment> next();

  /// Rows that were handed out and are to be run again, before all others.
  void give_back(Places places);

 private:
  Places take();
  bool is_beside(std::size_t place, std::size_t other) const;

  const std::vector<PlannedRow>& rows_;
  std::vector<bool> finished_, seen_;
  std::size_t left_;
  std::size_t next_ = 0;  // those before it were handed out
  std::deque<Places> returned_;
};

}  // namespace mhabench::bench
