#include "bench/run/rounds.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <c10/util/Exception.h>

#include "bench/run/attempt.h"
#include "bench/run/fixture.h"

namespace mhabench::bench {
namespace {

// One path on its way through the rounds.
struct Contender {
  const PlannedRow& planned;
  Workbench& workbench;
  const std::function<void(const std::string&)>& begins;
  std::optional<Measurement> measurement = {};  // until it fails
  std::optional<Row> failed = {};
  std::int64_t calls = 0;

  const Row& row() const { return failed ? *failed : measurement->row(); }
  bool goes_on() const { return row().status == RowStatus::measured; }

  void start() { measurement.emplace(workbench, *planned.path, planned.config); }

  template <typename Stage>
  void attempt(Stage stage) {
    if (!goes_on()) return;
    begins(planned.name);
    attempt_stage(stage, [this](const std::exception& error, bool out_of_memory) {
      measurement->fail(error);
      failed = measurement->row();
      measurement.reset();  // what it holds makes room for the others
      workbench.recover_within_configuration(out_of_memory);
    });
  }
};

// What other rows left in memory may be in the way, and what the first try did.
void prepare_on_emptied_memory(Contender& contender) {
  try {
    contender.measurement->prepare();
    return;
  } catch (const c10::OutOfMemoryError&) {
  }
  contender.start();
  contender.workbench.recover_within_configuration(/*out_of_memory=*/true);
  contender.measurement->prepare();
}

void prepare(Contender& contender, const BatchPolicy& policy) {
  contender.start();
  contender.attempt([&] { prepare_on_emptied_memory(contender); });
  contender.attempt([&] {
    const Pilot& pilot = contender.measurement->run_pilot(policy);
    contender.calls = policy.exactly ? *policy.exactly : planned_calls(pilot, policy);
  });
}

}  // namespace

Rounds::Rounds(const std::vector<PlannedRow>& rows, int rounds, const BatchPolicy& policy,
               Workbench& workbench, std::function<void(const std::string& name)> begins)
    : rounds_(rounds), policy_(policy), workbench_(workbench), begins_(std::move(begins)) {
  for (const PlannedRow& row : rows) {
    const bool same =
        !configurations_.empty() && configurations_.back().back()->config == row.config;
    if (!same) configurations_.emplace_back();
    configurations_.back().push_back(&row);
    configuration_of_.emplace(row.name, configurations_.size() - 1);
  }
}

Row Rounds::take(const std::string& name) {
  if (stored_.count(name) == 0) measure(configurations_[configuration_of_.at(name)]);
  return std::move(stored_.extract(name).mapped());
}

void Rounds::measure(const std::vector<const PlannedRow*>& rows) {
  std::deque<Contender> contenders;
  for (const PlannedRow* row : rows) {
    contenders.push_back({*row, workbench_, begins_});
    prepare(contenders.back(), policy_);
  }
  const auto run_round = [](Contender& contender) {
    contender.attempt([&] { contender.measurement->run_round(contender.calls); });
  };
  for (int round = 0; round < rounds_; ++round) {
    if (round % 2 == 0) {
      std::for_each(contenders.begin(), contenders.end(), run_round);
    } else {
      std::for_each(contenders.rbegin(), contenders.rend(), run_round);
    }
  }
  for (Contender& contender : contenders) {
    contender.attempt([&] { contender.measurement->finish_rounds(); });
    stored_.insert_or_assign(contender.planned.name, contender.row());
  }
}

RoundsFixture::RoundsFixture(std::string name, Rounds& rounds, RowStore& rows)
    : name_(std::move(name)), rounds_(rounds), rows_(rows) {}

void RoundsFixture::SetUp(benchmark::State&) { row_ = rounds_.take(name_); }

void RoundsFixture::BenchmarkCase(benchmark::State& state) {
  constexpr double kSecondsPerMicrosecond = 1e-6;
  const std::int64_t calls = std::max<std::int64_t>(1, row_.calls);
  while (state.KeepRunningBatch(calls)) {
    if (row_.status != RowStatus::measured) {
      skip(state, row_);
      break;
    }
    state.SetIterationTime(*row_.real_time_us * static_cast<double>(calls) *
                           kSecondsPerMicrosecond);
  }
}

void RoundsFixture::TearDown(benchmark::State& state) {
  enter_counters(state, row_);
  rows_.put(name_, std::move(row_));
}

}  // namespace mhabench::bench
