#include "bench/run/fixture.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <c10/util/Exception.h>

#include "bench/run/attempt.h"

namespace mhabench::bench {

void enter_counters(benchmark::State& state, const Row& row) {
  for (const auto& [field, value] : numbers_of(row)) {
    state.counters[field] = benchmark::Counter(value);
  }
  if (!row.backend.empty()) state.SetLabel(row.backend);
}

void skip(benchmark::State& state, const Row& row) {
  const char* const prefix = row.status == RowStatus::skipped ? "skipped: " : "";
  state.SkipWithError((prefix + row.message).c_str());
}

MhaFixture::MhaFixture(std::string name, const Path& path, MhaConfig config,
                       const BatchPolicy& policy, Workbench& workbench, RowStore& rows)
    : name_(std::move(name)),
      path_(path),
      config_(std::move(config)),
      policy_(policy),
      workbench_(workbench),
      rows_(rows) {}

// What failed once is not run again: where the first of several repetitions failed and two others
// did not, the library (1.7.1) follows a null pointer.
void MhaFixture::SetUp(benchmark::State&) {
  if (failed_) return;
  measurement_.emplace(workbench_, path_, config_);
  is_prepared_ = false;
  is_second_try_ = false;
  attempt([this] { measurement_->prepare(); });
  plan_by_pilot();
  is_prepared_ = true;
}

void MhaFixture::BenchmarkCase(benchmark::State& state) {
  constexpr double kSecondsPerMicrosecond = 1e-6;
  const std::int64_t calls = planned_calls(state);
  // Rows without a time enter the loop too: the library takes the number of calls from there.
  while (state.KeepRunningBatch(calls)) {
    if (goes_on()) attempt([&] { batch_ = measurement_->time(calls); });
    if (!goes_on()) {
      skip(state, row());
      break;
    }
    state.SetIterationTime(batch_.total_us * kSecondsPerMicrosecond);
  }
}

void MhaFixture::TearDown(benchmark::State& state) {
  if (goes_on()) {
    attempt([this] { measurement_->finish(batch_); });
    if (!goes_on()) skip(state, row());
  }
  enter_counters(state, row());
  rows_.put(name_, row());
  batch_ = {};  // first, since it may lie in memory of the measurement's graph
  measurement_.reset();
}

// The library ends the process where repetitions differ in their number of calls, so the first
// plan stands until more is asked for, or less again once the library's own warm-up is over.
std::int64_t MhaFixture::planned_calls(const benchmark::State& state) {
  const auto asked = static_cast<std::int64_t>(state.max_iterations);
  if (asked < asked_) calls_ = 0;
  asked_ = asked;
  if (calls_ == 0) calls_ = first_plan();
  calls_ = std::max(asked, calls_);
  return calls_;
}

std::int64_t MhaFixture::first_plan() {
  if (policy_.exactly) return *policy_.exactly;
  std::int64_t calls = 1;
  if (goes_on()) {
    attempt([&] {
      pilot_ = measurement_->run_pilot(policy_);
      calls = mhabench::planned_calls(*pilot_, policy_);
    });
  }
  return calls;
}

template <typename Stage>
void MhaFixture::attempt(Stage stage) {
  const auto twice = [&] {
    if (finds_memory(stage)) return;
    start_over();
    stage();
  };
  attempt_stage(twice, [this](const std::exception& error, bool out_of_memory) {
    fail(error, out_of_memory);
  });
}

// False where memory ran out for the first time.
template <typename Stage>
bool MhaFixture::finds_memory(Stage stage) {
  try {
    stage();
    return true;
  } catch (const c10::OutOfMemoryError&) {
    if (std::exchange(is_second_try_, true)) throw;
    return false;
  }
}

// What rows before this one left in memory may have been in its way.
void MhaFixture::start_over() {
  const bool was_prepared = is_prepared_;
  measurement_.reset();
  measurement_.emplace(workbench_, path_, config_);
  workbench_.recover(/*out_of_memory=*/true);
  if (was_prepared) measurement_->prepare();
  plan_by_pilot();
}

// Repetitions are told in the same samples: their scatter is compared.
void MhaFixture::plan_by_pilot() {
  if (pilot_ && measurement_) measurement_->plan_by(*pilot_);
}

void MhaFixture::fail(const std::exception& error, bool out_of_memory) {
  measurement_->fail(error);
  failed_ = measurement_->row();
  measurement_.reset();
  workbench_.recover(out_of_memory);
}

const Row& MhaFixture::row() const { return failed_ ? *failed_ : measurement_->row(); }

bool MhaFixture::goes_on() const { return row().status == RowStatus::measured; }

}  // namespace mhabench::bench
