#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bench/cli/flag_checks.h"
#include "bench/cli/flags.h"
#include "bench/console/program.h"
#include "bench/console/tell.h"
#include "bench/console/warnings.h"
#include "bench/run/finish_run.h"
#include "bench/run/local_run.h"
#include "bench/run/plan.h"
#include "bench/tools/self_test.h"
#include "bench/workers/child_process.h"
#include "bench/workers/worker.h"
#include "bench/workers/worker_pool.h"
#include "mhabench/base/error.h"
#include "mhabench/base/output_file.h"
#include "mhabench/config/lengths_file.h"
#include "mhabench/device/device.h"
#include "mhabench/measure/needs.h"
#include "mhabench/measure/phases.h"

namespace mhabench::bench {
namespace {

DeviceChoice device_for(const Options& options) {
  return choose_device(options.device, probe_cuda(options.device.index.value_or(0)));
}

// Which rows there are is asked on machines without the GPU as well.
DeviceChoice named_device(const Options& options) {
  if (options.device.kind != DeviceRequest::Kind::cuda) return device_for(options);
  const auto index = static_cast<c10::DeviceIndex>(options.device.index.value_or(0));
  return {c10::Device(c10::kCUDA, index), ""};
}

void list_rows(const Plan& plan) {
  for (const PlannedRow& row : plan.rows) std::cout << row.full_name() << '\n';
}

void dump_lengths(const Plan& plan) {
  std::vector<MhaConfig> configs;
  const Room room = room_on(c10::kCPU);
  for (const PlannedRow& row : plan.rows) {
    if (const auto why = why_lengths_too_large(row.config, room)) throw InputError(*why);
    if (configs.empty() || configs.back() != row.config) configs.push_back(row.config);
  }
  std::ostringstream text;
  write_lengths_dump(text, configs, plan.options.seed);
  write_file(plan.options.dump_lengths, text.str());
}

int run_self_test(const Options& options) {
  const DeviceChoice choice = device_for(options);
  tell(choice.notice);
  const TellWarnings warnings(tell);
  use_device(choice.device);
  std::cout << device_line(choice.device) << std::flush;
  const std::vector<Proof> proofs = prove_clocks(choice.device);
  std::cout << proofs_text(proofs);
  return all_right(proofs) ? kCorrect : kWrong;
}

int run(const std::vector<std::string>& arguments) {
  const auto start = PhaseTimes::Clock::now();
  const Options options =
      parse_flags(arguments, {path_names(), "LibTorch " + std::string(versions().torch)});
  if (!options.answer.empty()) {
    std::cout << options.answer;
    return kCorrect;
  }
  if (options.self_test) return run_self_test(options);
  if (const auto place = worker_place()) return run_as_worker(options, arguments, *place, start);
  check_outputs(options);
  const bool lists = options.list || options.benchmark.list_tests;
  const bool dumps = !options.dump_lengths.empty();
  const bool runs = !lists && !dumps;
  if (runs_in_workers(options) && runs) return run_in_workers(options, arguments);

  const Plan plan =
      make_plan(options, arguments, runs ? device_for(options) : named_device(options));
  tell(plan.dropped);
  if (plan.rows.empty() && !plan.shard) return nothing_matched(options);
  if (lists) list_rows(plan);
  if (dumps) dump_lengths(plan);
  if (!runs) return kCorrect;
  for (const std::string& notice : plan.notices) tell(notice);
  return run_here(plan, start);
}

}  // namespace
}  // namespace mhabench::bench

int main(int argc, char** argv) {
  using namespace mhabench::bench;
  return run_program("mha_bench", [&] { return run(arguments_of(argc, argv)); });
}
