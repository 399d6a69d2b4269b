#pragma once

#include <map>
#include <optional>
#include <string>

#include "mhabench/config/config.h"

namespace mhabench {

/// A rate in 10^12 a second (TFLOP/s, TB/s, exponentials), and where it comes from.
struct Peak {
  double tera = 0;
  std::string how;
};

/// Rates of one device; absent is unknown.
struct Peaks {
  std::map<Dtype, Peak> matrix;
  std::optional<Peak> copy, exponentials;
};

/// What the driver tells of a GPU. Zero is unknown.
struct GpuFacts {
  int major = 0, minor = 0;  ///< compute capability
  int multiprocessors = 0;
  double clock_hz = 0;  ///< the highest of the multiprocessors
  double memory_clock_hz = 0;
  int memory_bus_bits = 0;
};

/// What a GPU of those facts comes to by NVIDIA's own figures.
///
/// matrix        dense products, FLOPs a clock and multiprocessor by compute capability: in fp16
///               and bf16 on tensor cores (fp32 sums), in fp32 on fused multiply-adds, or on tensor
///               cores as TF32 where `tf32` allows it. Capabilities 7.0 (no bf16, no TF32), 8.0,
///               9.0 and 10.0, those of data centres; others differ by product and are left out.
///               From the white papers of V100, A100 and H100, and B200's data sheet
/// copy          two transfers a memory clock over the bus
/// exponentials  16 a clock and multiprocessor: the table of arithmetic instructions in the CUDA
///               C++ programming guide, for capabilities 7.0 to 12.x
Peaks published_peaks(const GpuFacts& gpu, bool tf32);

}  // namespace mhabench
