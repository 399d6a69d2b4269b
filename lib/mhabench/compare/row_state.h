#pragma once

#include <vector>

#include "mhabench/compare/comparison.h"
#include "mhabench/compare/runs.h"

namespace mhabench {

/// A row of both sides; null if that side does not have it.
struct Both {
  const RunsRow* base = nullptr;
  const RunsRow* next = nullptr;
};

/// The rows of both sides by name, in the order of BASE, then of NEW.
std::vector<Both> matched(const Runs& base, const Runs& next);

/// The row with what became of it, and why, but without its times.
RowComparison state_of(const Both& both, const Comparison& all);

}  // namespace mhabench
