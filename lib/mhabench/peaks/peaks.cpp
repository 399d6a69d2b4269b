#include "mhabench/peaks/peaks.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include "mhabench/base/text.h"
#include "mhabench/clocks/event_clock.h"
#include "mhabench/config/names.h"
#include "mhabench/device/device.h"
#include "mhabench/inputs/tensors.h"

#if MHABENCH_WITH_CUDA
#include <cuda_runtime_api.h>
#endif

namespace mhabench {
namespace {

constexpr double kTera = 1e12;
constexpr double kMicroseconds = 1e6;

// Seconds of the fastest of `runs` runs.
double fastest_s(c10::Device device, const std::function<at::Tensor()>& run, std::int64_t runs) {
  const TimedBatch batch = time_batch(device, run, runs, runs);
  return *std::ranges::min_element(batch.sample_us) / kMicroseconds;
}

std::string fastest_of(std::int64_t runs) { return ", the fastest of " + std::to_string(runs); }

std::string threads_text() {
  return counted(static_cast<std::size_t>(at::get_num_threads()), "thread");
}

// On a GPU values as an input has them: it draws less power on constants and then clocks higher. To
// a CPU they are all the same, and drawing them would take longer than the product.
at::Tensor values(std::int64_t order, Dtype dtype, c10::Device device) {
  if (device.is_cpu()) return at::ones({order, order}, scalar_type(dtype));
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  return at::empty({order, order}, at::device(device).dtype(scalar_type(dtype)))
      .normal_(0, 1, generator);
}

struct Product {
  at::Tensor a, b, out;

  Product(std::int64_t order, Dtype dtype, c10::Device device)
      : a(values(order, dtype, device)), b(values(order, dtype, device)), out(at::empty_like(a)) {}

  at::Tensor operator()() { return at::mm_out(out, a, b.t()); }
};

double flops_of(std::int64_t order) {
  const auto n = static_cast<double>(order);
  return 2 * n * n * n;
}

std::string product_text(std::int64_t order, Dtype dtype) {
  const std::string n = std::to_string(order);
  return "measured: product of " + n + " x " + n + " by " + n + " x " + n + " in " +
         std::string(name_of(dtype));
}

std::string tf32_text(Dtype dtype) {
  if (dtype != Dtype::fp32) return {};
  return at::globalContext().allowTF32CuBLAS() ? " with TF32" : " without TF32";
}

Peak matrix_on_gpu(Dtype dtype, c10::Device device) {
  constexpr std::int64_t kTensorCoreOrder = 8192;
  constexpr std::int64_t kPlainOrder = 4096;  // multiply-adds are a tenth as fast
  constexpr std::int64_t kRuns = 10;
  const std::int64_t order = dtype == Dtype::fp32 ? kPlainOrder : kTensorCoreOrder;
  Product product(order, dtype, device);
  const auto run = [&product] { return product(); };
  time_batch(device, run, 2);
  return {flops_of(order) / fastest_s(device, run, kRuns) / kTera,
          product_text(order, dtype) + tf32_text(dtype) + fastest_of(kRuns)};
}

// Products of doubled order until one takes long enough: in fp16 a CPU may be a hundred times as
// slow as in fp32.
Peak matrix_on_cpu(Dtype dtype, c10::Device device) {
  constexpr std::int64_t kFirstOrder = 128;
  constexpr std::int64_t kLastOrder = 4096;
  constexpr double kLongEnoughS = 2e-3;
  constexpr std::int64_t kRuns = 4;
  for (std::int64_t order = kFirstOrder;; order *= 2) {
    Product product(order, dtype, device);
    const auto run = [&product] { return product(); };
    run();
    const double seconds = fastest_s(device, run, kRuns);
    if (seconds < kLongEnoughS && order < kLastOrder) continue;
    return {flops_of(order) / seconds / kTera,
            product_text(order, dtype) + ", " + threads_text() + fastest_of(kRuns)};
  }
}

// Of each of two tensors: beyond any cache on a GPU; on a CPU what does not take long to make.
std::int64_t bytes_to_copy(c10::Device device) {
  constexpr std::int64_t kOnGpu = std::int64_t{512} << 20;
  constexpr std::int64_t kOnCpu = std::int64_t{64} << 20;
  constexpr std::int64_t kShare = 8;
  const auto free = static_cast<std::int64_t>(free_memory(device));
  return std::min(device.is_cuda() ? kOnGpu : kOnCpu, std::max<std::int64_t>(free / kShare, 1));
}

Peak exponentials_on_cpu(c10::Device device) {
  constexpr std::int64_t kPerThread = 32768;  // 256 KiB with their results; the least that LibTorch
                                              // hands to a thread
  constexpr std::int64_t kRuns = 50;
  const std::int64_t count = kPerThread * at::get_num_threads();
  const at::Tensor in = at::linspace(-8, 0, count, at::device(device).dtype(at::kFloat));
  at::Tensor out = at::empty_like(in);
  const auto run = [&] { return at::exp_out(out, in); };
  run();
  return {static_cast<double>(count) / fastest_s(device, run, kRuns) / kTera,
          "measured: at::exp over " + std::to_string(count) + " fp32 values in the cache, " +
              threads_text() + fastest_of(kRuns)};
}

#if MHABENCH_WITH_CUDA

int attribute(cudaDeviceAttr name, c10::Device device) {
  int value = 0;
  if (cudaDeviceGetAttribute(&value, name, device.index()) == cudaSuccess) return value;
  cudaGetLastError();  // unknown; LibTorch must not meet it later
  return 0;
}

GpuFacts facts_of(c10::Device device) {
  constexpr double kHzPerKHz = 1000;
  GpuFacts facts;
  facts.major = attribute(cudaDevAttrComputeCapabilityMajor, device);
  facts.minor = attribute(cudaDevAttrComputeCapabilityMinor, device);
  facts.multiprocessors = attribute(cudaDevAttrMultiProcessorCount, device);
  facts.clock_hz = kHzPerKHz * attribute(cudaDevAttrClockRate, device);
  facts.memory_clock_hz = kHzPerKHz * attribute(cudaDevAttrMemoryClockRate, device);
  facts.memory_bus_bits = attribute(cudaDevAttrGlobalMemoryBusWidth, device);
  return facts;
}

#else

GpuFacts facts_of(c10::Device) { return {}; }

#endif

std::optional<std::int64_t> known_cache_bytes(c10::Device device) {
  if (device.is_cuda()) return describe(device).l2_bytes;
  const long bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return bytes > 0 ? std::optional<std::int64_t>(bytes) : std::nullopt;
}

Peak given_peak(double rate) { return {rate / kTera, "given by --peaks"}; }

}  // namespace

PeakMeter::PeakMeter(c10::Device device, const std::optional<PeakRates>& given)
    : device_(device), given_(given), cache_bytes_(known_cache_bytes(device)) {}

std::optional<PeakRates> PeakMeter::rates(Dtype dtype) {
  if (!known_.matrix.contains(dtype)) {
    if (!problem_.empty()) return std::nullopt;
    try {
      measure(dtype);
    } catch (const std::exception& error) {
      problem_ = first_line(error.what());  // without the backtrace of LibTorch's errors
    }
    release_kept_memory(device_);
    if (!problem_.empty()) return std::nullopt;
  }
  return PeakRates{known_.matrix.at(dtype).tera * kTera, known_.copy->tera * kTera,
                   known_.exponentials->tera * kTera};
}

void PeakMeter::measure(Dtype dtype) {
  if (given_) {
    known_.matrix[dtype] = given_peak(given_->flops);
    known_.copy = given_peak(given_->bytes);
    known_.exponentials = given_peak(given_->exponentials);
    return;
  }
  const c10::InferenceMode inference;
  if (!known_.copy) known_.copy = copy();
  if (!known_.exponentials) known_.exponentials = exponentials();
  known_.matrix[dtype] = matrix(dtype);  // last: rates() asks for it to know that all are there
}

Peak PeakMeter::matrix(Dtype dtype) const {
  return device_.is_cuda() ? matrix_on_gpu(dtype, device_) : matrix_on_cpu(dtype, device_);
}

Peak PeakMeter::copy() const {
  constexpr std::int64_t kRuns = 3;
  const std::int64_t bytes = bytes_to_copy(device_);
  const at::Tensor from = at::ones({bytes}, at::device(device_).dtype(at::kByte));
  at::Tensor to = at::empty_like(from);
  const auto run = [&] { return to.copy_(from); };
  run();
  std::string how = "measured: copy of " + std::to_string(bytes >> 20) + " MiB";
  if (device_.is_cpu()) how += ", " + threads_text();
  return {2 * static_cast<double>(bytes) / fastest_s(device_, run, kRuns) / kTera,
          how + fastest_of(kRuns)};
}

Peak PeakMeter::exponentials() const {
  if (device_.is_cpu()) return exponentials_on_cpu(device_);
  if (auto peak = published().exponentials) return *std::move(peak);
  throw std::runtime_error("no rate of exponentials is published for this GPU; --peaks gives one");
}

Peaks PeakMeter::published() const {
  if (!device_.is_cuda()) return {};
  return published_peaks(facts_of(device_), at::globalContext().allowTF32CuBLAS());
}

}  // namespace mhabench
