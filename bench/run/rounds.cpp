#include "bench/run/rounds.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "bench/run/attempt.h"

namespace mhabench::bench {
namespace {

// One path on its way through the rounds.
class Contender {
 public:
  Contender(const PlannedRow& planned, Workbench& workbench,
            const std::function<void(const std::string&)>& begins)
      : planned_(planned),
        begins_(begins),
        attempt_(workbench, *planned.path, planned.config, [&workbench](bool out_of_memory) {
          workbench.recover_within_configuration(out_of_memory);
        }) {}

  const std::string& name() const { return planned_.name; }
  const Row& row() const { return attempt_.row(); }

  void prepare(const BatchPolicy& policy) {
    attempt_.start();
    if (!begins()) return;
    attempt_.run_or_start_over([](Measurement& measurement) { measurement.prepare(); },
                               [](Measurement&) {});
    run([&](Measurement& measurement) {
      const Pilot& pilot = measurement.run_pilot(policy);
      calls_ = policy.exactly ? *policy.exactly : planned_calls(pilot, policy);
    });
  }

  void run_round() {
    run([this](Measurement& measurement) { measurement.run_round(calls_); });
  }

  void finish() {
    run([](Measurement& measurement) { measurement.finish_rounds(); });
  }

 private:
  void run(const RowAttempt::Stage& stage) {
    if (begins()) attempt_.run(stage);
  }

  // False if the row has no further stage.
  bool begins() const {
    if (attempt_.goes_on()) begins_(planned_.name);
    return attempt_.goes_on();
  }

  const PlannedRow& planned_;
  const std::function<void(const std::string&)>& begins_;
  RowAttempt attempt_;
  std::int64_t calls_ = 0;
};

// Measured before the loop of the first row of its configuration.
class RowOfRounds : public RowSource {
 public:
  RowOfRounds(std::string name, std::shared_ptr<Rounds> rounds)
      : name_(std::move(name)), rounds_(std::move(rounds)) {}

  void prepare() override { row_ = rounds_->take(name_); }
  std::int64_t plan_calls(std::int64_t) override { return std::max<std::int64_t>(1, row_.calls); }
  double time(std::int64_t calls) override {
    return row_.real_time_us.value_or(0) * static_cast<double>(calls);
  }
  Row finish() override { return std::move(row_); }

 private:
  std::string name_;
  std::shared_ptr<Rounds> rounds_;
  Row row_;
};

}  // namespace

Rounds::Rounds(const std::vector<PlannedRow>& rows, int rounds, const BatchPolicy& policy,
               Workbench& workbench, std::function<void(const std::string& name)> begins)
    : rounds_(rounds), policy_(policy), workbench_(workbench), begins_(std::move(begins)) {
  const std::vector<std::size_t> indices = configurations_of(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    configurations_.resize(indices[i] + 1);
    configurations_[indices[i]].push_back(&rows[i]);
    configuration_of_.emplace(rows[i].name, indices[i]);
  }
}

Row Rounds::take(const std::string& name) {
  if (stored_.count(name) == 0) measure(configurations_[configuration_of_.at(name)]);
  return std::move(stored_.extract(name).mapped());
}

void Rounds::measure(const std::vector<const PlannedRow*>& rows) {
  std::deque<Contender> contenders;
  for (const PlannedRow* row : rows) {
    contenders.emplace_back(*row, workbench_, begins_).prepare(policy_);
  }
  for (int round = 0; round < rounds_; ++round) {
    if (round % 2 == 0) {
      std::for_each(contenders.begin(), contenders.end(), std::mem_fn(&Contender::run_round));
    } else {
      std::for_each(contenders.rbegin(), contenders.rend(), std::mem_fn(&Contender::run_round));
    }
  }
  for (Contender& contender : contenders) {
    contender.finish();
    stored_.insert_or_assign(contender.name(), contender.row());
  }
}

std::unique_ptr<RowSource> row_of_rounds(std::string name, std::shared_ptr<Rounds> rounds) {
  return std::make_unique<RowOfRounds>(std::move(name), std::move(rounds));
}

}  // namespace mhabench::bench
