#pragma once

#include <cstdint>
#include <optional>

#include "bench/run/attempt.h"
#include "bench/run/fixture.h"
#include "mhabench/measure/batch_plan.h"

namespace mhabench::bench {

/// A row that is measured by itself: made ready and checked before the loop, timed in it, its last
/// timed output checked after it. The number of calls is planned from the warm-up. Repetitions make
/// the same number of calls; after one that failed the others fail too. A row that the device has
/// no memory for is tried once more on emptied memory.
class SingleRow : public RowSource {
 public:
  /// The path and the workbench must outlive this.
  SingleRow(const Path& path, MhaConfig config, const BatchPolicy& policy, Workbench& workbench);

  void prepare() override;
  std::int64_t plan_calls(std::int64_t asked) override;
  double time(std::int64_t calls) override;
  Row finish() override;

 private:
  void run(const RowAttempt::Stage& stage);
  void make_ready(Measurement& measurement);
  std::int64_t first_plan();

  MhaConfig config_;
  BatchPolicy policy_;
  RowAttempt attempt_;
  bool is_ready_ = false;
  TimedBatch batch_;
  std::optional<Pilot> pilot_;  // of the first invocation
  std::int64_t asked_ = 0;      // at the last invocation
  std::int64_t calls_ = 0;      // of the last batch planned; 0 before the first
};

}  // namespace mhabench::bench
