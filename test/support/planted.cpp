#include "support/planted.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "mhabench/clocks/kernel_trace.h"
#include "mhabench/config/names.h"
#include "mhabench/device/device.h"

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/Sleep.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>
#endif

namespace mhabench::test {
namespace {

using Call = std::function<at::Tensor()>;

constexpr const char* kLog = "MHABENCH_PLANTED_LOG";

Call slowed_on_cpu(Call call, double share) {
  using Clock = std::chrono::steady_clock;
  return [call = std::move(call), share] {
    const auto start = Clock::now();
    at::Tensor output = call();
    const auto end = start + (Clock::now() - start) * (1 + share);
    while (Clock::now() < end) {
    }
    return output;
  };
}

#if MHABENCH_WITH_CUDA

double traced_us(KernelTracer& tracer, const Call& call) {
  const KernelTrace trace = tracer.trace(call);
  if (trace.calls.empty()) {
    throw std::runtime_error("no trace to size a planted kernel by: " + trace.problem);
  }
  return summarize(trace.calls).busy_us;
}

Call sleeping(std::int64_t cycles) {
  return [cycles] {
    at::cuda::sleep(cycles);
    return at::Tensor();
  };
}

double cycles_per_us(c10::Device device) {
  int kilohertz = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device.index()));
  return kilohertz / 1e3;
}

struct Kernel {
  std::int64_t cycles = 0;
  double us = 0;
};

// The GPU may run at less than the clock it is said to have, so that a first guess sleeps too long;
// every step takes most of what is left.
Kernel kernel_of(KernelTracer& tracer, c10::Device device, double us, double tolerance_us) {
  constexpr int kSteps = 6;
  const double per_us = cycles_per_us(device);
  Kernel kernel{std::max<std::int64_t>(1, std::llround(us * per_us)), 0};
  for (int step = 0;; ++step) {
    kernel.us = traced_us(tracer, sleeping(kernel.cycles));
    const bool shortest = kernel.cycles == 1 && kernel.us >= us;
    if (shortest || std::abs(kernel.us - us) <= tolerance_us || step == kSteps) return kernel;
    kernel.cycles =
        std::max<std::int64_t>(1, kernel.cycles + std::llround((us - kernel.us) * per_us));
  }
}

void log(const std::string& row, double busy_us, double planted_us) {
  const char* const path = std::getenv(kLog);
  if (path == nullptr) return;
  std::ofstream out(path, std::ios::app);
  out << nlohmann::ordered_json{{"row", row}, {"busy_us", busy_us}, {"planted_us", planted_us}}
      << '\n';
  if (!out.flush()) throw std::runtime_error(std::string("cannot write '") + path + '\'');
}

Call slowed_on_gpu(Call call, double share, c10::Device device, const std::string& row) {
  constexpr double kTolerance = 1e-3;  // of the call
  KernelTracer tracer(device);
  call();  // what libraries keep for a shape is made at the first
  const double busy_us = traced_us(tracer, call);
  const Kernel kernel = kernel_of(tracer, device, share * busy_us, kTolerance * busy_us);
  log(row, busy_us, kernel.us);
  return [call = std::move(call), cycles = kernel.cycles] {
    at::Tensor output = call();
    at::cuda::sleep(cycles);
    return output;
  };
}

#else

Call slowed_on_gpu(Call, double, c10::Device, const std::string&) {
  throw std::logic_error("built without CUDA");
}

#endif

[[noreturn]] void refuse(const std::string& text) {
  throw InputError(std::string(kPlanted) + "='" + text + "' is not <path>:<share above 0>");
}

}  // namespace

Path slowed(const Path& path, double share) {
  Path planted = path;
  planted.prepare = [path, share](const MhaConfig& config, const Inputs& inputs,
                                  const Weights& weights) {
    PreparedCall call = path.prepare(config, inputs, weights);
    const c10::Device device = inputs.padded.device();
    call.run = device.is_cpu() ? slowed_on_cpu(std::move(call.run), share)
                               : slowed_on_gpu(std::move(call.run), share, device,
                                               row_name(path.name, config) + "/manual_time");
    return call;
  };
  return planted;
}

void plant(std::vector<Path>& table, const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto found = std::ranges::find(table, text.substr(0, colon), &Path::name);
  if (colon == std::string::npos || found == table.end()) refuse(text);
  double share = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, share);
  if (error != std::errc() || rest != end || !(share > 0) || !std::isfinite(share)) refuse(text);
  *found = slowed(*found, share);
}

}  // namespace mhabench::test
