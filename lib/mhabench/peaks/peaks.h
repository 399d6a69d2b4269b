#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <c10/core/Device.h>

#include "mhabench/peaks/published.h"
#include "mhabench/work/floor.h"

namespace mhabench {

/// The rates of a device, each found when it is first asked for and once.
///
/// matrix        at::mm of a large square product in the dtype, one operand transposed as a linear
///               layer has it; in fp32 with the process's setting of TF32
/// copy          Tensor::copy_ from one large tensor to another: bytes read and written
/// exponentials  on a GPU the published rate of its special-function units: no operator of LibTorch
///               is bound by them. On the CPU at::exp over fp32 values in the cache
///
/// A measured rate is the fastest of several runs: a floor asks for what the device can do. In all
/// some 50 ms on an H200 and a fifth of a second on a CPU of two cores. The device must be idle and
/// current; memory that is taken goes back to the driver.
class PeakMeter {
 public:
  /// With `given` nothing is measured: those rates stand for every dtype.
  explicit PeakMeter(c10::Device device, const std::optional<PeakRates>& given = std::nullopt);

  /// The three rates for a dtype. Absent if one could not be found; problem() then says why.
  std::optional<PeakRates> rates(Dtype dtype);

  /// What has been found or given so far.
  const Peaks& known() const { return known_; }
  /// What NVIDIA's figures come to; nothing on the CPU.
  Peaks published() const;

  /// The cache that a layer's working set may stay in: a GPU's L2, a CPU's L3. Absent is unknown.
  std::optional<std::int64_t> cache_bytes() const { return cache_bytes_; }

  /// Why a rate is missing; empty where none is.
  const std::string& problem() const { return problem_; }

 private:
  void measure(Dtype dtype);
  Peak matrix(Dtype dtype) const;
  Peak copy() const;
  Peak exponentials() const;

  c10::Device device_;
  std::optional<PeakRates> given_;
  std::optional<std::int64_t> cache_bytes_;
  Peaks known_;
  std::string problem_;
};

}  // namespace mhabench
