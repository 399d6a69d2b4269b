#include "mhabench/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/results/comparability.h"

namespace mhabench {
namespace {

constexpr double kIntervalTail = 0.025;
// Each of the two one-sided tests that make a row the same.
constexpr double kSameLevel = 0.05;

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// What the means of two sides' runs differ by, if one run has this variance.
double standard_error(const Variance& variance, std::size_t base_runs, std::size_t next_runs) {
  return std::sqrt(variance.value *
                   (1 / static_cast<double>(base_runs) + 1 / static_cast<double>(next_runs)));
}

// The row of both sides; either may be absent.
struct Both {
  const RunsRow* base = nullptr;
  const RunsRow* next = nullptr;
};

std::vector<Both> matched(const Runs& base, const Runs& next) {
  std::vector<Both> rows;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const RunsRow& row : base.rows) {
    index.emplace(row.name, rows.size());
    rows.push_back({&row, nullptr});
  }
  for (const RunsRow& row : next.rows) {
    if (const auto found = index.find(row.name); found != index.end()) {
      rows[found->second].next = &row;
    } else {
      rows.push_back({nullptr, &row});
    }
  }
  return rows;
}

std::string in_runs(std::size_t count, std::size_t runs) {
  return "in " + std::to_string(count) + " of " + std::to_string(runs) + " runs";
}

std::string with_reason(std::string text, const std::string& reason) {
  if (reason.empty()) return text;
  return text.empty() ? reason : text + ": " + reason;
}

// Says how many runs of several it is about.
std::string share_of_runs(std::size_t count, const Runs& side) {
  return side.count > 1 ? in_runs(count, side.count) : "";
}

// "failed in 1 of 3 runs of BASE", for a row that other runs of it measured right.
std::string base_share(const RunsRow& row, const Runs& side) {
  std::vector<std::string> parts;
  const auto add = [&](const char* what, std::size_t count) {
    if (count > 0) parts.push_back(what + in_runs(count, side.count) + " of BASE");
  };
  add("failed ", row.failed);
  add("wrong ", row.wrong);
  add("skipped ", row.skipped);
  return with_reason(join(parts, ", "), row.message);
}

RowComparison state_of(const Both& both, const Comparison& all) {
  RowComparison row;
  const RunsRow& either = both.next != nullptr ? *both.next : *both.base;
  row.name = either.name;
  row.path = either.path;
  const auto set = [&](RowState state, std::string note) {
    row.state = state;
    row.note = one_line(note);
    return row;
  };
  if (both.next == nullptr) return set(RowState::missing, "");
  const RunsRow& next = *both.next;
  const bool is_new = both.base == nullptr;
  if (next.failed > 0) {
    const bool failed_before = !is_new && both.base->failed > 0;
    return set(failed_before ? RowState::failed : RowState::newly_failed,
               with_reason(share_of_runs(next.failed, all.next), next.message));
  }
  if (next.wrong > 0) {
    const bool wrong_before = !is_new && both.base->wrong > 0;
    return set(wrong_before ? RowState::wrong : RowState::newly_wrong,
               share_of_runs(next.wrong, all.next));
  }
  if (is_new) return set(next.measured() > 0 ? RowState::added : RowState::skipped, next.message);
  const RunsRow& base = *both.base;
  if (next.skipped > 0) {
    const std::string share = share_of_runs(next.skipped, all.next);
    if (base.measured() == 0) return set(RowState::skipped, with_reason(share, next.message));
    return set(RowState::missing, with_reason("skipped " + share, next.message));
  }
  if (!all.next.within_process && next.present < all.next.count) {
    return set(RowState::missing, in_runs(all.next.count - next.present, all.next.count));
  }
  if (base.right == 0) {
    const char* const before = base.failed > 0 ? "failed" : base.wrong > 0 ? "wrong" : "skipped";
    return set(RowState::repaired, std::string(before) + " in BASE");
  }
  const bool all_right = base.right == base.present;
  return set(RowState::compared, all_right ? "" : base_share(base, all.base));
}

// The times that a row is compared by, or nothing where a side has none.
std::optional<RowTimes> times_of(const Both& both, Clock clock) {
  const RunsRow& base = *both.base;
  const RunsRow& next = *both.next;
  const bool by_median =
      known(base.event_median) == base.right && known(next.event_median) == next.right;
  Times RunsRow::*const field = clock == Clock::busy ? &RunsRow::busy
                                : by_median          ? &RunsRow::event_median
                                                     : &RunsRow::real_time;
  if (known(base.*field) == 0 || known(next.*field) == 0) return std::nullopt;
  return RowTimes{base.path, base.*field, next.*field};
}

void test(TimeComparison& time, const RowTimes& times, const Variance& variance, double threshold) {
  if (variance.freedom == 0) return;
  const double difference = std::log(time.next_us) - std::log(time.base_us);
  const double error = standard_error(variance, known(times.base), known(times.next));
  const double half_width = student_quantile(1 - kIntervalTail, variance.freedom) * error;
  time.low = std::exp(difference - half_width);
  time.high = std::exp(difference + half_width);
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
    for (const auto& [path, rows] : paths()) all_.paths.push_back(path_comparison(path, rows));
  }

 private:
  TimeVerdict verdict_by_clock(const RowComparison& row) const {
    return std::ranges::find(row.times, clock_, &TimeComparison::clock)->verdict;
  }

  using PathRows = std::pair<std::string, std::vector<std::size_t>>;

  // In the order of their first rows.
  std::vector<PathRows> paths() const {
    std::vector<PathRows> paths;
    std::unordered_map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < times_.size(); ++i) {
      const std::string& path = times_[i].path;
      const auto [found, is_new] = index.try_emplace(path, paths.size());
      if (is_new) paths.push_back({path, {}});
      paths[found->second].second.push_back(i);
    }
    return paths;
  }

  PathComparison path_comparison(const std::string& path,
                                 const std::vector<std::size_t>& rows) const {
    PathComparison result;
    result.path = path;
    result.clock = clock_;
    result.rows = rows.size();
    std::vector<std::size_t> complete;
    for (const std::size_t i : rows) {
      ++result.verdicts[verdict_by_clock(*rows_[i])];
      if (known(times_[i].base) == all_.base.count && known(times_[i].next) == all_.next.count) {
        complete.push_back(i);
      }
    }
    result.complete = complete.size();
    if (complete.empty()) return result;
    const std::vector<double> base = run_means(complete, &RowTimes::base);
    const std::vector<double> next = run_means(complete, &RowTimes::next);
    const double difference = mean(next) - mean(base);
    result.ratio = std::exp(difference);
    const Variance variance = run_variance(base, next, complete);
    if (variance.freedom == 0) return result;
    const double half_width = student_quantile(1 - kIntervalTail, variance.freedom) *
                              standard_error(variance, base.size(), next.size());
    result.low = std::exp(difference - half_width);
    result.high = std::exp(difference + half_width);
    return result;
  }

  std::vector<double> run_means(const std::vector<std::size_t>& rows, Times RowTimes::*side) const {
    std::vector<double> means((times_[rows.front()].*side).size(), 0);
    for (const std::size_t row : rows) {
      for (std::size_t run = 0; run < means.size(); ++run) {
        means[run] += *(times_[row].*side)[run] / static_cast<double>(rows.size());
      }
    }
    return means;
  }

  static double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  }

  static Variance variance_of(const std::vector<double>& values) {
    if (values.size() < 2) return {};
    const double centre = mean(values);
    double squares = 0;
    for (const double value : values) squares += (value - centre) * (value - centre);
    const double freedom = static_cast<double>(values.size()) - 1;
    return {squares / freedom, freedom};
  }

  // Of one run's geometric mean over the rows.
  Variance run_variance(const std::vector<double>& base, const std::vector<double>& next,
                        const std::vector<std::size_t>& rows) const {
    const Variance before = variance_of(base);
    const Variance after = variance_of(next);
    const Variance own = before.freedom + after.freedom > 0 ? moderated(before, after) : Variance{};
    const Variance told = model_variance(rows);
    return told.freedom > 0 ? moderated(own, told) : own;
  }

  // By the noise model: a run moves the decades of a path together, so their deviations add up by
  // their shares of the rows; what is left to each row averages out over them. None where a row's
  // group is unknown to the model.
  Variance model_variance(const std::vector<std::size_t>& rows) const {
    double deviation = 0;
    Variance shared{0, kUnlimited};
    Variance rest{0, kUnlimited};
    for (const auto& [noise, members] : noise_of(rows)) {
      if (noise == nullptr || noise->run.freedom == 0 || noise->row.freedom == 0) return {};
      const double share = members / static_cast<double>(rows.size());
      deviation += share * std::sqrt(noise->run.value);
      shared.freedom = std::min(shared.freedom, noise->run.freedom);
      rest.value += share * share * noise->row.value * unaveraged(*noise, members);
      rest.freedom = std::min(rest.freedom, noise->row.freedom);
    }
    shared.value = deviation * deviation;
    return sum_of(shared, rest);
  }

  // The groups of the rows in the model, and how many rows are in each.
  std::vector<std::pair<const GroupNoise*, double>> noise_of(
      const std::vector<std::size_t>& rows) const {
    std::vector<std::pair<const GroupNoise*, double>> groups;
    for (const std::size_t row : rows) {
      const GroupNoise* const noise =
          model_ == nullptr ? nullptr : find_noise(*model_, group_of(times_[row]));
      const auto found = std::ranges::find(groups, noise, [](const auto& g) { return g.first; });
      if (found == groups.end()) {
        groups.emplace_back(noise, 1);
      } else {
        ++found->second;
      }
    }
    return groups;
  }

  // The share of a row's variance that is left in a mean of so many rows, less what the model's run
  // variance holds of it already: that is one of means over the model's rows.
  static double unaveraged(const GroupNoise& noise, double members) {
    return std::max(0.0, 1 / members - 1 / static_cast<double>(noise.rows));
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
  const auto found = base.front().context.find("gpu_name");
  const std::string gpu = found == base.front().context.end() ? "" : found->second;
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
