#pragma once

#include <string>
#include <vector>

#include "mhabench/results/pairs.h"
#include "mhabench/results/row.h"

namespace mhabench {

/// The paired table for people: a line a configuration with its axes, the time of slow and of fast
/// in us, the speed-up, the padding and the count of wrong or failed rows; "-" is what was not
/// measured. Ends with a newline; empty where there are no pairs.
std::string paired_table(const std::vector<Pair>& pairs);

/// What stands below the table, a line each: the geometric mean of the speed-ups and how many are
/// under 1; every row that is wrong, failed or skipped, with its reason; the script's
/// "Total errors"; and how many rows are wrong against the reference.
std::string closing_lines(const std::vector<Pair>& pairs, const std::vector<Row>& rows);

}  // namespace mhabench
