#include "mhabench/peaks/published.h"

#include <array>

namespace mhabench {
namespace {

constexpr double kTera = 1e12;
constexpr double kExponentialsPerClock = 16;

// FLOPs a clock and multiprocessor; 0 where there is no such unit.
struct MatrixRates {
  int major, minor;
  double fp16, bf16, tf32, fp32;
};

constexpr std::array<MatrixRates, 4> kMatrixRates{{
    {7, 0, 1024, 0, 0, 128},
    {8, 0, 2048, 2048, 1024, 128},
    {9, 0, 4096, 4096, 2048, 256},
    {10, 0, 8192, 8192, 4096, 256},
}};

std::string per_clock(double count) {
  return "published: " + std::to_string(static_cast<int>(count)) +
         " a clock and multiprocessor, at the highest clock";
}

std::optional<Peak> of_clock(const GpuFacts& gpu, double count) {
  const double rate = count * gpu.multiprocessors * gpu.clock_hz;
  if (rate <= 0) return std::nullopt;
  return Peak{rate / kTera, per_clock(count)};
}

std::map<Dtype, Peak> matrix_peaks(const GpuFacts& gpu, bool tf32) {
  std::map<Dtype, Peak> peaks;
  const auto add = [&](Dtype dtype, double count) {
    if (auto peak = of_clock(gpu, count)) peaks[dtype] = *std::move(peak);
  };
  for (const MatrixRates& rates : kMatrixRates) {
    if (rates.major != gpu.major || rates.minor != gpu.minor) continue;
    add(Dtype::fp16, rates.fp16);
    add(Dtype::bf16, rates.bf16);
    add(Dtype::fp32, tf32 && rates.tf32 > 0 ? rates.tf32 : rates.fp32);
  }
  return peaks;
}

std::optional<Peak> copy_peak(const GpuFacts& gpu) {
  constexpr double kTransfersPerClock = 2;
  constexpr double kBitsPerByte = 8;
  const double rate = kTransfersPerClock * gpu.memory_clock_hz * gpu.memory_bus_bits / kBitsPerByte;
  if (rate <= 0) return std::nullopt;
  return Peak{rate / kTera, "published: two transfers a memory clock over a bus of " +
                                std::to_string(gpu.memory_bus_bits) + " bits"};
}

}  // namespace

Peaks published_peaks(const GpuFacts& gpu, bool tf32) {
  constexpr int kFirstMajor = 7;
  constexpr int kLastMajor = 12;
  Peaks peaks;
  peaks.matrix = matrix_peaks(gpu, tf32);
  peaks.copy = copy_peak(gpu);
  if (gpu.major >= kFirstMajor && gpu.major <= kLastMajor) {
    peaks.exponentials = of_clock(gpu, kExponentialsPerClock);
  }
  return peaks;
}

}  // namespace mhabench
