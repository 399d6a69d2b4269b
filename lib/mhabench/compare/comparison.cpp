#include "mhabench/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/grouped.h"
#include "mhabench/base/text.h"
#include "mhabench/compare/row_state.h"
#include "mhabench/results/comparability.h"

namespace mhabench {
namespace {

// Each of the two one-sided tests that make a row the same.
constexpr double kSameLevel = 0.05;

// The times that a row is compared by, or nothing where a side has none.
std::optional<RowTimes> times_of(const Both& both, Clock clock) {
  const RunsRow& base = *both.base;
  const RunsRow& next = *both.next;
  const bool by_median = base.has_medians() && next.has_medians();
  RowTimes times{base.path, base.times(clock, by_median), next.times(clock, by_median)};
  if (known(times.base) == 0 || known(times.next) == 0) return std::nullopt;
  return times;
}

void test(TimeComparison& time, const RowTimes& times, const Variance& variance, double threshold) {
  if (variance.freedom == 0) return;
  const double difference = std::log(time.next_us) - std::log(time.base_us);
  const double error = standard_error(variance, known(times.base), known(times.next));
  time.interval = ratio_interval(difference, variance, known(times.base), known(times.next));
  time.deviation = std::sqrt(variance.value);
  time.freedom = variance.freedom;
  const double allowed = std::log1p(threshold);
  time.p_slower = upper_tail((difference - allowed) / error, variance.freedom);
  time.p_faster = upper_tail((-difference - allowed) / error, variance.freedom);
}

TimeVerdict verdict_of(const TimeComparison& time, const ComparisonSettings& settings) {
  if (!time.p_slower) {
    const double distance = std::abs(std::log(time.ratio()));
    return distance <= std::log1p(settings.threshold) ? TimeVerdict::same : TimeVerdict::undecided;
  }
  if (*time.rate_slower <= settings.discovery_rate) return TimeVerdict::slower;
  if (*time.rate_faster <= settings.discovery_rate) return TimeVerdict::faster;
  // The complements are the tests of "at least as much slower, or faster, as the threshold".
  const bool within = 1 - *time.p_slower <= kSameLevel && 1 - *time.p_faster <= kSameLevel;
  return within ? TimeVerdict::same : TimeVerdict::undecided;
}

void adjust(const std::vector<TimeComparison*>& times, std::optional<double> TimeComparison::*p,
            std::optional<double> TimeComparison::*rate) {
  std::vector<double> values;
  std::vector<TimeComparison*> tested;
  for (TimeComparison* time : times) {
    if (!(time->*p)) continue;
    values.push_back(*(time->*p));
    tested.push_back(time);
  }
  const std::vector<double> rates = false_discovery_rates(values);
  for (std::size_t i = 0; i < tested.size(); ++i) tested[i]->*rate = rates[i];
}

// One clock over the rows that both sides have it on.
class ClockComparison {
 public:
  ClockComparison(Clock clock, Comparison& all, const std::vector<Both>& both,
                  const NoiseGroups* model)
      : clock_(clock), all_(all), model_(model) {
    for (std::size_t i = 0; i < both.size(); ++i) {
      if (all.rows[i].state != RowState::compared) continue;
      if (std::optional<RowTimes> times = times_of(both[i], clock)) {
        rows_.push_back(&all.rows[i]);
        times_.push_back(std::move(*times));
        // Beside a GPU's busy time, the event clock tells of the host.
        in_modes_ |= clock == Clock::event && times_of(both[i], Clock::busy).has_value();
      }
    }
  }

  std::size_t rows() const { return rows_.size(); }

  // One time for each of the rows, not yet decided on.
  void measure() {
    const Noise noise(times_, model_, in_modes_);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      TimeComparison time;
      time.clock = clock_;
      time.base_us = std::exp(mean_of(times_[i].base));
      time.next_us = std::exp(mean_of(times_[i].next));
      test(time, times_[i], noise.of_row(i), all_.settings.threshold);
      all_.noise_known |= time.p_slower.has_value();
      rows_[i]->times.push_back(time);
    }
  }

  // After the decisions.
  void compare_paths() {
    for (const auto& rows : grouped(times_, &RowTimes::path)) {
      all_.paths.push_back(path_comparison(rows));
    }
  }

 private:
  TimeVerdict verdict_of_row(const RowTimes* times) const {
    const RowComparison& row = *rows_[static_cast<std::size_t>(times - times_.data())];
    return std::ranges::find(row.times, clock_, &TimeComparison::clock)->verdict;
  }

  PathComparison path_comparison(const std::vector<const RowTimes*>& rows) const {
    PathComparison result;
    result.path = rows.front()->path;
    result.clock = clock_;
    result.rows = rows.size();
    std::vector<const RowTimes*> complete;
    for (const RowTimes* const row : rows) {
      ++result.verdicts[verdict_of_row(row)];
      if (row->is_complete()) complete.push_back(row);
    }
    result.complete = complete.size();
    if (!complete.empty()) result.ratio = path_ratio(complete, model_);
    return result;
  }

  Clock clock_;
  Comparison& all_;
  const NoiseGroups* model_;
  bool in_modes_ = false;
  std::vector<RowComparison*> rows_;
  std::vector<RowTimes> times_;
};

// A row is worse by either clock, so that the family of its tests has the rows by all clocks.
void decide(std::vector<RowComparison>& rows, const ComparisonSettings& settings) {
  std::vector<TimeComparison*> times;
  for (RowComparison& row : rows) {
    for (TimeComparison& time : row.times) times.push_back(&time);
  }
  adjust(times, &TimeComparison::p_slower, &TimeComparison::rate_slower);
  adjust(times, &TimeComparison::p_faster, &TimeComparison::rate_faster);
  for (TimeComparison* time : times) time->verdict = verdict_of(*time, settings);
}

const NoiseGroups* groups_of(const NoiseModel* model, Clock clock) {
  if (model == nullptr) return nullptr;
  const auto found = model->clocks.find(clock);
  return found == model->clocks.end() ? nullptr : &found->second;
}

// Throws where the sides are not comparable and nobody insists.
std::vector<Difference> allowed_differences(const std::vector<BenchmarkFile>& base,
                                            const std::vector<BenchmarkFile>& next, bool force) {
  std::vector<Difference> differences = refusing_differences(base, next);
  if (differences.empty() || force) return differences;
  std::vector<std::string> texts;
  for (const Difference& difference : differences) texts.push_back(text_of(difference));
  throw InputError(
      one_line("not comparable: " + join(texts, "; ") + " (--force compares them all the same)"));
}

void check_model(const NoiseModel& model, const std::vector<BenchmarkFile>& base, bool force) {
  const std::string gpu = base.front().told("gpu_name");
  if (force || gpu == model.gpu_name) return;
  const auto named = [](const std::string& name) { return name.empty() ? "no GPU" : name; };
  throw InputError(one_line("the noise model is of " + named(model.gpu_name) +
                            ", the files are of " + named(gpu) +
                            " (--force takes it all the same)"));
}

// A gate must not pass for having compared nothing.
void check_compared(const Comparison& all) {
  const bool says_something = std::ranges::any_of(all.rows, [](const RowComparison& row) {
    return row.state == RowState::compared || row.state == RowState::repaired || row.is_worse();
  });
  if (says_something) return;
  const std::size_t skipped = all.count(RowState::skipped);
  throw InputError("not comparable: no row was measured in both" +
                   (skipped > 0 ? " (" + std::to_string(skipped) + " skipped)" : std::string()));
}

// Takes out the rows that only one side has, or has measured.
void keep_common(std::vector<Both>& both, Comparison& all) {
  const auto is_common = [](RowState state) {
    return state != RowState::added && state != RowState::missing && state != RowState::skipped;
  };
  std::vector<Both> kept;
  for (std::size_t i = 0; i < both.size(); ++i) {
    if (is_common(all.rows[i].state)) kept.push_back(both[i]);
  }
  all.left_out = both.size() - kept.size();
  std::erase_if(all.rows, [&](const RowComparison& row) { return !is_common(row.state); });
  both = std::move(kept);
}

void check_shared(const std::vector<Both>& rows, const Comparison& all) {
  const bool any = std::ranges::any_of(
      rows, [](const Both& both) { return both.base != nullptr && both.next != nullptr; });
  if (any) return;
  throw InputError(one_line("not comparable: '" + all.base.files.front() + "' and '" +
                            all.next.files.front() + "' share no row (the first ones are '" +
                            all.base.rows.front().name + "' and '" + all.next.rows.front().name +
                            "')"));
}

}  // namespace

bool is_worse(RowState state) {
  switch (state) {
    case RowState::missing:
    case RowState::failed:
    case RowState::newly_failed:
    case RowState::wrong:
    case RowState::newly_wrong:
      return true;
    default:
      return false;
  }
}

bool RowComparison::is_worse() const {
  return mhabench::is_worse(state) || std::ranges::any_of(times, [](const TimeComparison& time) {
           return time.verdict == TimeVerdict::slower;
         });
}

bool RowComparison::is_undecided() const {
  if (state != RowState::compared || is_worse()) return false;
  return times.empty() || std::ranges::any_of(times, [](const TimeComparison& time) {
           return time.verdict == TimeVerdict::undecided;
         });
}

std::size_t PathComparison::count(TimeVerdict verdict) const {
  const auto found = verdicts.find(verdict);
  return found == verdicts.end() ? 0 : found->second;
}

std::size_t Comparison::count(RowState state) const {
  return static_cast<std::size_t>(std::ranges::count(rows, state, &RowComparison::state));
}

std::size_t Comparison::worse() const {
  return static_cast<std::size_t>(std::ranges::count_if(rows, &RowComparison::is_worse));
}

std::size_t Comparison::undecided() const {
  return static_cast<std::size_t>(std::ranges::count_if(rows, &RowComparison::is_undecided));
}

std::string_view name_of(TimeVerdict verdict) {
  constexpr std::string_view kNames[] = {"same", "faster", "slower", "undecided"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view name_of(RowState state) {
  constexpr std::string_view kNames[] = {"compared",    "new",          "missing",
                                         "failed",      "newly failed", "wrong",
                                         "newly wrong", "skipped",      "repaired"};
  return kNames[static_cast<std::size_t>(state)];
}

Comparison compare(const std::vector<BenchmarkFile>& base, const std::vector<BenchmarkFile>& next,
                   const ComparisonSettings& settings, const NoiseModel* model) {
  check_distinct(base);
  check_distinct(next);
  Comparison all;
  all.settings = settings;
  all.forced = allowed_differences(base, next, settings.force);
  all.changed = changed_context(base, next);
  if (model != nullptr) check_model(*model, base, settings.force);
  all.noise_from_model = model != nullptr;
  // Repetitions of one process scatter less than runs, and must not be pooled with them.
  const bool by_repetition = base.size() == 1 && next.size() == 1 && model == nullptr;
  const OneFile one_file = by_repetition ? OneFile::repetitions : OneFile::whole;
  all.base = runs_of(base, one_file);
  all.next = runs_of(next, one_file);
  std::vector<Both> both = matched(all.base, all.next);
  check_shared(both, all);
  for (const Both& row : both) all.rows.push_back(state_of(row, all));
  if (settings.common) keep_common(both, all);
  check_compared(all);
  std::vector<ClockComparison> clocks;
  std::size_t timed = 0;
  for (const Clock clock : settings.clocks) {
    clocks.emplace_back(clock, all, both, groups_of(model, clock));
    timed += clocks.back().rows();
    clocks.back().measure();
  }
  decide(all.rows, settings);
  for (ClockComparison& clock : clocks) clock.compare_paths();
  if (timed == 0 && all.count(RowState::compared) > 0) {
    throw InputError("not comparable: no row has a time of the " +
                     std::string(name_of(settings.clocks.front())) + " clock in both files");
  }
  return all;
}

}  // namespace mhabench
