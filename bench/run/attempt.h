#pragma once

#include <exception>
#include <functional>
#include <optional>

#include "mhabench/config/config.h"
#include "mhabench/measure/measurement.h"
#include "mhabench/paths/path.h"

namespace mhabench::bench {

/// A row's measurement, stage by stage. An exception out of a benchmark's body would end the
/// process, so whatever a stage throws becomes the row's failure. The measurement is gone then, and
/// later stages do not run; nor do they in a row that is skipped.
class RowAttempt {
 public:
  using Stage = std::function<void(Measurement&)>;

  /// `recover(out_of_memory)` is called after a failure, to make the workbench ready for other
  /// rows. Everything else must outlive this.
  RowAttempt(Workbench& workbench, const Path& path, const MhaConfig& config,
             std::function<void(bool out_of_memory)> recover);

  /// A new measurement in place of the last. A row that failed stays failed.
  void start();

  /// Runs a stage of the row, which is in flight meanwhile.
  void run(const Stage& stage);

  /// The same, but a row that runs out of memory starts over once on emptied memory, since rows
  /// before it may have been in its way. `catch_up` runs the stages of before again.
  void run_or_start_over(const Stage& stage, const Stage& catch_up);

  /// Frees what the measurement holds; before the next start().
  void end() { measurement_.reset(); }

  const Row& row() const { return failed_ ? *failed_ : measurement_->row(); }
  bool goes_on() const { return row().status == RowStatus::measured; }

 private:
  bool finds_memory(const Stage& stage);
  void fail(const std::exception& error, bool out_of_memory);

  Workbench& workbench_;
  const Path& path_;
  const MhaConfig& config_;
  std::function<void(bool out_of_memory)> recover_;
  std::optional<Measurement> measurement_;  // until it fails
  std::optional<Row> failed_;
  bool started_over_ = false;
};

}  // namespace mhabench::bench
