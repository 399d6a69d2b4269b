#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "mhabench/results/pairs.h"
#include "mhabench/results/row.h"

namespace mhabench {

/// The ratios of a run's rounds: in each configuration every other path over "slow", or over the
/// first path if slow was not run, on the event clock and on busy time (see ratio_over_rounds).
/// Rows that are wrong or have no median of each round, and a clock that is missing on either side,
/// have none.
std::vector<PairRatio> ratios_of(const std::vector<Row>& rows);

/// The results file's "pairs": base, path, configuration, clock, ratio, interval, rounds, verdict.
nlohmann::ordered_json ratios_json(const std::vector<PairRatio>& ratios);

}  // namespace mhabench
