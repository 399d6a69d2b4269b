#include "bench/workers/worker_pool.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <deque>
#include <iostream>
#include <memory>
#include <optional>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <variant>

#include <c10/core/Device.h>
#include <nlohmann/json.hpp>

#include "bench/console/progress.h"
#include "bench/console/signals.h"
#include "bench/console/tell.h"
#include "bench/run/finish_run.h"
#include "bench/run/local_run.h"
#include "bench/run/plan.h"
#include "bench/run/registration.h"
#include "bench/run/reporter.h"
#include "bench/run/run_journal.h"
#include "bench/workers/child_process.h"
#include "bench/workers/device_record.h"
#include "bench/workers/row_queue.h"
#include "bench/workers/worker.h"
#include "bench/workers/worker_messages.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/device/device.h"
#include "mhabench/results/context_keys.h"

namespace mhabench::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using Json = nlohmann::ordered_json;

// Before its first row a worker loads LibTorch and makes a context, after its last it goes.
constexpr Seconds kOutsideRows{300};
constexpr int kBetweenLooksMs = 500;
constexpr std::chrono::seconds kNoTurnTakes{2};  // awake
constexpr int kMostDeathsOutside = 2;            // in turn: the next one would fare no better

// A process that runs rows on a device.
struct Worker {
  explicit Worker(ChildProcess process) : child(std::move(process)) {}

  ChildProcess child;
  bool greeted = false;
  bool waits = false;     // for an assignment
  bool reported = false;  // a row at least
  bool left = false;
  std::optional<Seconds> waited_for;      // without a word, before it was killed for that
  Places rows;                            // that it was given and that are not kept
  std::optional<std::size_t> in_flight;   // of those
  std::vector<FinishedRow> unkept;        // of paths that take turns: they are kept together
  Clock::time_point last = Clock::now();  // when it was heard of, or given something
};

// A device, and the worker that it has now; none once it is done with.
struct Slot {
  std::string request;  // as --device takes it; empty: the command line's
  DeviceRecord device;
  int deaths_outside = 0;
  std::unique_ptr<Worker> worker;
};

// The rows, and where they are kept and shown.
struct Run {
  Run(Plan made, Json context)
      : plan(std::move(made)),
        positions(positions_of(plan)),
        journal(plan.options, plan.rows, std::move(context)),
        progress(std::cerr, terminal_width(STDERR_FILENO),
                 rows_left(plan, journal).size() * repetitions_of(plan.options.benchmark)),
        reporter(plan.options.benchmark, journal.context(), store, progress, {positions, {}}),
        queue(plan.rows) {}

  Plan plan;
  std::unordered_map<std::string, std::size_t> positions;
  RunJournal journal;
  RowStore store;
  Progress progress;
  RunReporter reporter;
  RowQueue queue;
};

class WorkerPool {
 public:
  WorkerPool(const Options& options, const std::vector<std::string>& arguments,
             const std::vector<std::string>& requests)
      : options_(options),
        arguments_(arguments),
        takes_turns_(runs_in_rounds(options)),
        row_timeout_(options.row_timeout_s.value_or(kDefaultRowTimeoutS)) {
    for (const std::string& request : requests) {
      slots_.emplace_back().request = request;
      start(slots_.back());
    }
    watch_signals();
  }

  int run() {
    RunEnd end;
    try {
      while (!status_ && has_workers()) look_after_workers();
    } catch (const CutShort& cut_short) {
      end.cut_short = cut_short;
    }
    for (Slot& slot : slots_) slot.worker.reset();
    if (status_) return *status_;
    if (!run_) return signal_received() != 0 ? kSignalStatus + signal_received() : kFailed;
    if (!end.cut_short && run_->queue.left() > 0) {
      end.cut_short = signal_received() != 0
                          ? ended_by(signal_received())
                          : CutShort("no device is left to run the other rows", kWrong);
    }
    run_->progress.clear();
    enter_devices();
    if (!canaries_.empty()) run_->reporter.add_context("canaries", canaries_);
    return finish_run(run_->plan, end, run_->reporter, run_->journal);
  }

 private:
  bool has_workers() const {
    return std::ranges::any_of(slots_, [](const Slot& slot) { return slot.worker != nullptr; });
  }

  void start(Slot& slot) {
    slot.worker = std::make_unique<Worker>(start_worker(arguments_, slot.request));
  }

  // One turn: what workers said is taken, those that ended are replaced, those that wait get rows.
  void look_after_workers() {
    wait_for_words();
    forgive_suspension();
    give_up_untimed_rows();
    for (Slot& slot : slots_) {
      if (!slot.worker) continue;
      for (const std::string& line : slot.worker->child.channel.arrived()) {
        slot.worker->last = Clock::now();
        std::visit([&](auto&& words) { take(slot, words); }, parse_from_worker(line));
        if (status_) return;
      }
      if (slot.worker->child.channel.is_over()) {
        take_end(slot);
      } else {
        check_progress(*slot.worker);
      }
    }
    for (Slot& slot : slots_) {
      if (slot.worker && slot.worker->waits && !slot.worker->left) hand_out(*slot.worker);
    }
  }

  void wait_for_words() const {
    std::vector<pollfd> sockets;
    for (const Slot& slot : slots_) {
      if (slot.worker) sockets.push_back({slot.worker->child.channel.descriptor(), POLLIN, 0});
    }
    ::poll(sockets.data(), sockets.size(), kBetweenLooksMs);
  }

  // A job that is suspended and goes on later has not been too slow.
  void forgive_suspension() {
    const Clock::time_point now = Clock::now();
    const auto asleep = now - std::exchange(looked_, now);
    if (asleep < kNoTurnTakes) return;
    for (Slot& slot : slots_) {
      if (slot.worker) slot.worker->last += asleep;
    }
  }

  // Some looks after a signal. What is timed is finished.
  void give_up_untimed_rows() {
    constexpr int kPatience = 2;
    if (signal_received() == 0 || ++looks_since_signal_ <= kPatience) return;
    for (const Slot& slot : slots_) {
      if (slot.worker && slot.worker->in_flight) slot.worker->child.give_up();
    }
  }

  // A worker that is gone is met where its channel ends.
  static void say(Worker& worker, const ToWorker& message) {
    try {
      worker.child.channel.send(text_of(message));
    } catch (const Failure&) {
    }
  }

  // --- What workers say

  void take(Slot& slot, const Hello& hello) {
    slot.worker->greeted = true;
    if (!run_ && !begin(hello)) return;
    const std::vector<std::string> differing = differences(context_, hello.context);
    if (!differing.empty()) return leave_out(slot, hello.device, join(differing, "; "));
    if (!slot.device.name.empty()) return;
    slot.device.name = hello.device;
    slot.device.uuid = hello.context.value("gpu_uuid", "");
    slot.device.state_at_start = hello.state;
    prose(options_) << prefix(slot) << hello.device_line << std::endl;
  }

  void take(Slot& slot, const Ready& ready) {
    if (!ready.peaks.is_null()) slot.device.peaks = ready.peaks;
    keep(*slot.worker, slot, std::exchange(slot.worker->unkept, {}));
    slot.worker->waits = true;
  }

  void take(Slot& slot, const Begun& begun) {
    slot.worker->in_flight = run_->positions.at(begun.row);
    run_->progress.start_row(begun.row);
    run_->journal.begin_row(begun.row);
  }

  void take(Slot& slot, const Finished& finished) {
    Worker& worker = *slot.worker;
    worker.in_flight.reset();
    worker.reported = true;
    if (takes_turns_) {
      worker.unkept.push_back(finished.row);
    } else {
      keep(worker, slot, {finished.row});
    }
    const bool stops = signal_received() != 0 && !takes_turns_;
    say(worker, stops ? ToWorker(Stop{}) : ToWorker(GoOn{}));
  }

  void take(Slot& slot, const Farewell& farewell) {
    slot.worker->left = true;
    slot.device.state_at_end = farewell.state;
    for (const Json& canary : farewell.canaries) canaries_.push_back(canary);
    run_->progress.clear();
    const std::string rows =
        std::to_string(slot.device.rows) + (slot.device.rows == 1 ? " row, " : " rows, ");
    tell((options_.devices ? prefix(slot) + rows : "") + farewell.phases);
  }

  // The first worker says where rows run, and so which ones. False where there are none.
  bool begin(const Hello& hello) {
    Plan plan = make_plan(options_, arguments_, {c10::Device(hello.device), hello.notice});
    tell(plan.dropped);
    if (plan.rows.empty() && !plan.shard) {
      status_ = nothing_matched(options_);
      return false;
    }
    for (const std::string& notice : plan.notices) tell(notice);
    tell(hello.why_no_trace);
    context_ = hello.context;
    context_["rows"] = rows_summary(plan.rows);
    Json context = hello.context;
    context.erase("rows");
    run_ = std::make_unique<Run>(std::move(plan), std::move(context));
    initialize_library(options_);
    report_context(run_->plan, run_->reporter);
    for (const KeptRow& kept : run_->journal.kept()) {
      take_off_queue(kept);
      run_->reporter.keep(kept);
    }
    return true;
  }

  // --- Rows that are over

  void keep(Worker& worker, Slot& slot, const std::vector<FinishedRow>& rows) {
    if (rows.empty()) return;
    run_->journal.finish(rows);
    slot.device.rows += rows.size();
    for (const FinishedRow& row : rows) {
      const std::size_t place = run_->positions.at(row.name);
      std::erase(worker.rows, place);
      show(kept_row(row, &run_->plan.rows[place].config, prefix(slot) + "a worker"));
    }
  }

  void record_death(const Slot& slot, std::size_t place, const std::string& death) {
    const KeptRow lost = lost_row(run_->plan, place, slot.device.name, death);
    run_->journal.finish({lost.finished});
    show(lost);
  }

  void show(const KeptRow& kept) {
    take_off_queue(kept);
    for (std::size_t i = 0; i < kept.rows.size(); ++i) run_->progress.end_row();
    run_->reporter.receive(kept);
  }

  void take_off_queue(const KeptRow& kept) {
    const auto place = run_->positions.find(kept.finished.name);
    if (place == run_->positions.end()) return;  // of another plan, by --resume=force
    run_->queue.finish(place->second, kept.rows.back().status == RowStatus::measured);
  }

  // --- Workers that end

  void take_end(Slot& slot) {
    const int ended = slot.worker->child.wait();
    const std::unique_ptr<Worker> worker = std::move(slot.worker);
    if (worker->left || signal_received() != 0) return;
    constexpr int kBySignal = -1;
    const int status = WIFEXITED(ended) ? WEXITSTATUS(ended) : kBySignal;
    if (!worker->greeted && status == kUsage) {
      status_ = kUsage;  // it said why
      return;
    }
    const std::string death =
        worker->waited_for ? "made no progress for " + shortest(worker->waited_for->count()) + " s"
                           : death_text(ended);
    const bool said_why = status == kReplaceMe;
    if (said_why) keep(*worker, slot, std::exchange(worker->unkept, {}));
    take_back(slot, *worker, said_why ? "lost its GPU" : death);
    const bool came_to_a_row = worker->reported || worker->in_flight;
    slot.deaths_outside = came_to_a_row ? 0 : slot.deaths_outside + 1;
    if (run_) run_->progress.clear();
    tell(words_on(slot, death, said_why));
    if (is_to_be_replaced(slot)) start(slot);
  }

  // The row that it died in failed; the others of its configuration are to be run again.
  void take_back(const Slot& slot, const Worker& worker, const std::string& death) {
    Places rows = worker.rows;
    if (worker.in_flight) {
      std::erase(rows, *worker.in_flight);
      record_death(slot, *worker.in_flight, death);
    }
    if (run_) run_->queue.give_back(std::move(rows));
  }

  // Nothing where the worker has said it.
  std::string words_on(const Slot& slot, const std::string& death, bool said_why) const {
    if (slot.deaths_outside == kMostDeathsOutside) {
      return prefix(slot) + "two processes in turn ended outside of a row, the last one: " + death;
    }
    if (said_why) return {};
    return prefix(slot) + "the process that ran the rows was lost: " + death +
           (is_to_be_replaced(slot) ? "; the next one goes on" : "");
  }

  bool is_to_be_replaced(const Slot& slot) const {
    const bool rows_are_left = !run_ || run_->queue.left() > 0;
    return rows_are_left && slot.deaths_outside < kMostDeathsOutside;
  }

  void leave_out(Slot& slot, const std::string& device, const std::string& why) {
    tell(device + " is left out, since its rows would be of another run: " + why);
    slot.worker->left = true;
    slot.worker->child.kill();
  }

  void check_progress(Worker& worker) {
    if (worker.waits || worker.left) return;
    const Seconds quiet = Clock::now() - worker.last;
    const Seconds limit =
        worker.in_flight ? row_timeout_ : std::max<Seconds>(row_timeout_, kOutsideRows);
    if (quiet <= limit) return;
    worker.waited_for = limit;
    worker.child.kill();
  }

  // --- Workers that wait

  void hand_out(Worker& worker) {
    const bool is_over = !run_ || signal_received() != 0 || run_->queue.left() == 0;
    const std::optional<Assignment> rows = is_over ? std::nullopt : run_->queue.next();
    if (!is_over && !rows) return;  // rows of one that dies may come back
    worker.waits = false;
    worker.last = Clock::now();
    if (!rows) return say(worker, Stop{});
    worker.rows = rows->rows;
    say(worker, *rows);
  }

  // --- What the file says of devices

  std::string prefix(const Slot& slot) const {
    const bool is_one_of_several = slots_.size() > 1;
    return is_one_of_several ? (slot.device.name.empty() ? slot.request : slot.device.name) + ": "
                             : "";
  }

  void enter_devices() {
    if (!options_.devices) {
      for (const auto& [key, value] : slots_.front().device.entries()) {
        run_->reporter.add_context(key, value);
      }
      return;
    }
    std::vector<DeviceRecord> devices;
    std::vector<std::string> names;
    for (const Slot& slot : slots_) {
      if (slot.device.name.empty()) continue;
      names.push_back(slot.device.name);
      devices.push_back(slot.device);
    }
    run_->reporter.add_context("device", join(names, ","));
    run_->reporter.add_context("devices", devices_context(devices));
  }

  const Options& options_;
  const std::vector<std::string>& arguments_;
  bool takes_turns_;
  Seconds row_timeout_;
  std::deque<Slot> slots_;
  Json canaries_ = Json::array();            // behind the workers' last rows
  Clock::time_point looked_ = Clock::now();  // at the workers, the last time
  int looks_since_signal_ = 0;
  std::optional<int> status_;  // of the program, where it ends without a run
  Json context_;               // that all rows stand in
  std::unique_ptr<Run> run_;   // absent until the first worker is there
};

// As --device takes them.
std::vector<std::string> requests_of(const Options& options) {
  if (!options.devices) return {""};
  std::vector<std::string> requests = *options.devices;
  const auto is_cpu = [](const std::string& request) { return request == "cpu"; };
  if (std::ranges::all_of(requests, is_cpu) && !requests.empty()) return requests;
  const CudaState cuda = count_cuda();
  if (cuda.devices == 0) throw InputError("--devices: no GPU can be used: " + cuda.reason);
  const bool all = requests.empty();
  for (int i = 0; all && i < cuda.devices; ++i) requests.push_back("cuda:" + std::to_string(i));
  return requests;
}

}  // namespace

bool runs_in_workers(const Options& options) { return options.supervise || options.devices; }

int run_in_workers(const Options& options, const std::vector<std::string>& arguments) {
  return WorkerPool(options, arguments, requests_of(options)).run();
}

}  // namespace mhabench::bench
