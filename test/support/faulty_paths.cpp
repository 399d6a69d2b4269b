#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include "mhabench/paths/path_table.h"
#include "support/planted.h"

/// The table of paths of mha_bench_faults: slow and fast, and paths that do what slow does until
/// their fault. It stands in the place of the library's. One of them can be made slower by a known
/// share (planted.h).
namespace mhabench {
namespace {

using Fault = at::Tensor (*)(at::Tensor output);

template <Fault fault>
PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  const PreparedCall slow = slow_path().prepare(config, inputs, weights);
  return {[slow] { return fault(slow.run()); }, slow.to_packed};
}

std::optional<std::string> supports_all(const MhaConfig&, c10::Device) { return std::nullopt; }

std::optional<std::string> needs_a_gpu(const MhaConfig&, c10::Device device) {
  return device.is_cuda() ? std::nullopt : std::optional<std::string>("needs a GPU");
}

template <Fault fault>
Path faulty(std::string_view name) {
  return {std::string(name), "fails", supports_all, prepare<fault>};
}

at::Tensor throws(at::Tensor) { throw std::runtime_error("lost its way\nand says where"); }
at::Tensor throws_a_number(at::Tensor) { throw 7; }
at::Tensor bad_alloc(at::Tensor) { throw std::bad_alloc(); }
at::Tensor aborts(at::Tensor) { std::abort(); }
at::Tensor is_killed(at::Tensor output) {
  std::raise(SIGKILL);
  return output;
}

at::Tensor segfaults(at::Tensor output) {
  std::raise(SIGSEGV);
  return output;
}

at::Tensor hangs(at::Tensor) {
  while (true) std::this_thread::sleep_for(std::chrono::seconds(1));
}

at::Tensor nonfinite(at::Tensor output) {
  output.select(0, 0).select(0, 0).select(0, 0).fill_(std::numeric_limits<float>::quiet_NaN());
  return output;
}

// 1 EiB, more than any machine has.
at::Tensor out_of_memory(at::Tensor output) {
  return at::empty({std::int64_t{1} << 60}, output.options().dtype(at::kByte));
}

[[noreturn]] void throw_out_of_memory() {
  C10_THROW_ERROR(OutOfMemoryError,
                  "CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has ...");
}

at::Tensor out_of_memory_once(at::Tensor output) {
  static bool met = false;
  if (!std::exchange(met, true)) throw_out_of_memory();
  return output;
}

at::Tensor out_of_memory_always(at::Tensor) { throw_out_of_memory(); }

// An index out of range is found on the GPU, after which no call of this process succeeds.
at::Tensor sticky(at::Tensor output) {
  const at::Tensor index = at::full({1}, std::int64_t{1} << 40, output.options().dtype(at::kLong));
  return output.reshape({-1}).index_select(0, index);
}

// A signal to this process alone, among those that share a sweep.
at::Tensor is_terminated(at::Tensor output) {
  std::raise(SIGTERM);
  return output;
}

// All processes of the sweep stand still for longer than a row may take, then go on.
at::Tensor suspends_all(at::Tensor output) {
  static bool done = false;
  if (std::exchange(done, true)) return output;
  const std::string pause = "kill -STOP " + std::to_string(getppid()) +
                            " && sleep 4 && kill -CONT " + std::to_string(getppid());
  if (std::system(pause.c_str()) != 0) throw std::runtime_error("the pause failed: " + pause);
  return output;
}

// Slow enough for a test to meet a row in flight.
at::Tensor slow_motion(at::Tensor output) {
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return output;
}

// In a worker that finds one of these files and takes it away.
bool dies_at_once() {
  const char* const files = std::getenv("MHABENCH_TEST_DEATHS");
  if (files == nullptr || std::getenv("MHABENCH_WORKER") == nullptr) return false;
  for (const char* const name : {"/1", "/2", "/3", "/4"}) {
    if (std::remove((std::string(files) + name).c_str()) == 0) return true;
  }
  return false;
}

std::vector<Path> planted(std::vector<Path> table) {
  if (const char* const text = std::getenv(test::kPlanted)) test::plant(table, text);
  return table;
}

}  // namespace

// Every program asks for the table before it does anything.
const std::vector<Path>& path_table() {
  if (dies_at_once()) std::abort();
  static const std::vector<Path> table = planted({
      slow_path(),
      fast_path(),
      faulty<throws>("throws"),
      faulty<throws_a_number>("throws_a_number"),
      faulty<bad_alloc>("bad_alloc"),
      faulty<aborts>("aborts"),
      faulty<is_killed>("is_killed"),
      faulty<segfaults>("segfaults"),
      faulty<hangs>("hangs"),
      faulty<nonfinite>("nonfinite"),
      faulty<out_of_memory>("out_of_memory"),
      faulty<out_of_memory_once>("out_of_memory_once"),
      faulty<out_of_memory_always>("out_of_memory_always"),
      {"sticky", "fails", needs_a_gpu, prepare<sticky>},
      faulty<is_terminated>("is_terminated"),
      faulty<suspends_all>("suspends_all"),
      faulty<slow_motion>("slow_motion"),
  });
  return table;
}

}  // namespace mhabench
