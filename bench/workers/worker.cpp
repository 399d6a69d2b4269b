#include "bench/workers/worker.h"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <ostream>
#include <utility>
#include <variant>

#include <benchmark/benchmark.h>

#include "bench/cli/flag_values.h"
#include "bench/console/progress.h"
#include "bench/console/signals.h"
#include "bench/console/tell.h"
#include "bench/console/warnings.h"
#include "bench/run/context.h"
#include "bench/run/local_run.h"
#include "bench/run/plan.h"
#include "bench/run/registration.h"
#include "bench/run/reporter.h"
#include "bench/workers/line_channel.h"
#include "bench/workers/worker_messages.h"
#include "mhabench/device/device.h"
#include "mhabench/measure/needs.h"

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;

// Thrown out of a run, where it is to end.
struct Told {};

Json state_of(const Workbench& workbench) {
  return workbench.device().is_cpu() ? Json() : state_context(workbench.context.state());
}

class Worker {
 public:
  Worker(const Plan& plan, const DeviceChoice& choice, int channel)
      : plan_(plan),
        channel_(Descriptor(channel)),
        workbench_(make_workbench(plan)),
        progress_(nowhere_, std::nullopt, plan.rows.size()),
        reporter_(plan.options.benchmark, {}, store_, progress_,
                  {positions_of(plan), [this](const FinishedRow& row) { finish(row); }}) {
    initialize_library(plan.options);
    say(hello(choice));
  }

  // Whether it ended as it was told to; else the GPU is lost.
  bool run(PhaseTimes::Clock::time_point start) {
    try {
      while (const auto assignment = next()) run(*assignment);
    } catch (const Told&) {
      // The rows that are left are somebody else's.
    }
    if (workbench_->notes.lost_device) return false;
    Farewell farewell{{}, workbench_->notes.phases.line(PhaseTimes::Clock::now() - start), {}};
    if (workbench_->context.canaries())
      farewell.canaries = workbench_->context.canaries()->finish();
    farewell.state = state_of(*workbench_);
    say(farewell);
    return true;
  }

 private:
  void say(const FromWorker& message) { channel_.send(text_of(message)); }

  Hello hello(const DeviceChoice& choice) const {
    Json context = context_of(plan_);
    context["rows"] = rows_summary(plan_.rows);
    std::string line = device_line(plan_.device);
    line.pop_back();
    return {device_name(plan_.device), std::move(line),    choice.notice,
            why_no_trace(*workbench_), std::move(context), state_of(*workbench_)};
  }

  std::optional<Assignment> next() {
    say(Ready{peaks_context(workbench_->context.peaks())});
    const auto answer = channel_.next();
    if (!answer) return std::nullopt;
    ToWorker message = parse_to_worker(*answer);
    Assignment* const assignment = std::get_if<Assignment>(&message);
    return assignment == nullptr ? std::nullopt : std::optional(std::move(*assignment));
  }

  void run(const Assignment& assignment) {
    std::vector<PlannedRow> rows;
    for (const std::size_t index : assignment.rows) rows.push_back(plan_.rows.at(index));
    for (const std::string& name : assignment.seen) workbench_->notes.seen_outputs.insert(name);
    const std::function<void(const std::string&)> begins = [this](const std::string& name) {
      if (workbench_->notes.lost_device) return;
      begun_ = name;
      try {
        say(Begun{name});
      } catch (const Failure&) {
        // Met again where the row is reported, from where the run can end.
      }
    };
    register_rows(rows, plan_.options, *workbench_, store_, begins);
    benchmark::RunSpecifiedBenchmarks(&reporter_);
    benchmark::ClearRegisteredBenchmarks();
    if (workbench_->notes.lost_device) throw Told{};
  }

  // Out of a call of the library's, which passes on what is thrown.
  void finish(const FinishedRow& row) {
    // Paths that take turns with the one that lost the GPU fail with it; they are run again.
    if (workbench_->notes.lost_device && row.name != begun_) return;
    say(Finished{row});
    if (workbench_->notes.lost_device) throw Told{};
    const auto answer = channel_.next();
    if (!answer || !std::holds_alternative<GoOn>(parse_to_worker(*answer))) throw Told{};
  }

  const Plan& plan_;
  LineChannel channel_;
  std::unique_ptr<Workbench> workbench_;
  std::ostream nowhere_{nullptr};
  RowStore store_;
  Progress progress_;
  RunReporter reporter_;
  std::string begun_;  // the last row that began a stage while the GPU served
};

// Rows are all that it makes: files and what is printed are the other end's.
Options for_worker(Options options, const WorkerPlace& place) {
  if (!place.device.empty()) options.device = parse_device(place.device);
  options.benchmark.format = Format::json;
  options.benchmark.counters_tabular = false;
  return options;
}

}  // namespace

int run_as_worker(Options options, const std::vector<std::string>& arguments,
                  const WorkerPlace& place, PhaseTimes::Clock::time_point start) {
  options = for_worker(std::move(options), place);
  const DeviceChoice choice =
      choose_device(options.device, probe_cuda(options.device.index.value_or(0)));
  const Plan plan = make_plan(std::move(options), arguments, choice);
  // A signal to all of a job's processes is the other end's to deal with.
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_IGN);
  watch_give_up();
  const TellWarnings warnings(tell);
  use_threads(plan.options);
  use_device(plan.device);
  check_any_fits(plan.rows, room_on(plan.device));
  Worker worker(plan, choice, place.channel);
  if (worker.run(start)) return kCorrect;
  std::_Exit(kReplaceMe);  // nothing on a lost device can be freed, and trying to ends the process
}

}  // namespace mhabench::bench
