#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "mhabench/results/row.h"

namespace mhabench {

/// What a canary is timed and dated by.
struct CanarySource {
  using Clock = std::chrono::steady_clock;

  std::function<double()> time_us;
  std::function<std::optional<double>()> sm_mhz;  ///< asked right after it
  std::function<Clock::time_point()> now = Clock::now;
};

/// The canary of a run: timed between rows where the last time lies some seconds back, and kept
/// with the row that follows. So it goes where the row goes, into the journal or to another
/// process, and a results file holds what each process that ran its rows has measured. A canary
/// that fails takes nothing from the rows: it is not tried again, and finish() tells.
class Canaries {
 public:
  /// `device` is the one that it is timed on, as rows name theirs.
  Canaries(double every_s, std::string device, CanarySource source);

  /// Between rows: times it where it is due.
  void look();

  /// What the last look gave where that was before this row: the row that asks first, as often as
  /// it asks.
  std::optional<CanaryReading> before(const std::string& row_name);

  /// Behind the last row: a list with the time now, or with why there is none as its `problem`.
  nlohmann::ordered_json finish();

 private:
  std::optional<CanaryReading> read();

  double every_s_;
  std::string device_;
  CanarySource source_;
  CanarySource::Clock::time_point start_;
  std::optional<CanarySource::Clock::time_point> last_;
  std::optional<CanaryReading> reading_;
  std::string row_;  // that `reading_` stands before
  std::string problem_;
};

/// In a results file: moves what its rows hold of canaries to the list `canaries` of the context,
/// each with the name and the device of the row that came after it, in the rows' order and before
/// what the list holds already. Nothing where there are none.
void gather_canaries(nlohmann::ordered_json& document);

}  // namespace mhabench
