#include "bench/run/single_row.h"

#include <algorithm>
#include <utility>

namespace mhabench::bench {

SingleRow::SingleRow(const Path& path, MhaConfig config, const BatchPolicy& policy,
                     Workbench& workbench)
    : config_(std::move(config)),
      policy_(policy),
      attempt_(workbench, path, config_,
               [&workbench](bool out_of_memory) { workbench.recover(out_of_memory); }) {}

// What failed once is not run again: if the first of several repetitions failed and two others did
// not, the library (1.7.1) follows a null pointer.
void SingleRow::prepare() {
  attempt_.start();
  is_ready_ = false;
  run([this](Measurement& measurement) { make_ready(measurement); });
  is_ready_ = true;
}

// All repetitions take the same samples, because their scatter is compared.
void SingleRow::make_ready(Measurement& measurement) {
  measurement.prepare();
  if (pilot_) measurement.plan_by(*pilot_);
}

void SingleRow::run(const RowAttempt::Stage& stage) {
  attempt_.run_or_start_over(stage, [this](Measurement& measurement) {
    if (is_ready_) make_ready(measurement);
  });
}

// The library ends the process if repetitions differ in their number of calls, so the first plan
// stands until more is asked for, or less again once the library's own warm-up is over.
std::int64_t SingleRow::plan_calls(std::int64_t asked) {
  if (asked < asked_) calls_ = 0;
  asked_ = asked;
  if (calls_ == 0) calls_ = first_plan();
  calls_ = std::max(asked, calls_);
  return calls_;
}

std::int64_t SingleRow::first_plan() {
  if (policy_.exactly) return *policy_.exactly;
  std::int64_t calls = 1;
  run([&](Measurement& measurement) {
    pilot_ = measurement.run_pilot(policy_);
    calls = planned_calls(*pilot_, policy_);
  });
  return calls;
}

double SingleRow::time(std::int64_t calls) {
  run([&](Measurement& measurement) { batch_ = measurement.time(calls); });
  return attempt_.goes_on() ? batch_.total_us : 0;
}

Row SingleRow::finish() {
  run([this](Measurement& measurement) { measurement.finish(batch_); });
  Row row = attempt_.row();
  batch_ = {};  // first, since it may lie in memory of the measurement's graph
  attempt_.end();
  return row;
}

}  // namespace mhabench::bench
