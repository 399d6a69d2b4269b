#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace mhabench {

/// One matrix product of a fixed size, to be timed now and then between other work: where it takes
/// longer than it did, the machine's clock has moved, whatever that other work is. On a GPU it is
/// one of 4096 x 4096 in fp16, 0.2 ms on an H200, while the host enqueues one in some 10 us; on the
/// CPU one of 512 x 512 in fp32.
class Canary {
 public:
  /// Holds three matrices from then on: 96 MiB on a GPU, 3 MiB on the CPU. The device's default
  /// generator stays as it is. Throws c10::Error where memory runs out.
  explicit Canary(c10::Device device);

  /// Median time of a product in us, of 25 (on the CPU 5) made one after the other behind as many
  /// that warm up: 9 ms in all at 750 TFLOP/s, 18 ms on a CPU core at 150 GFLOP/s. Leaves the
  /// device idle and nothing of others in its caches: what follows has to warm up, as every row
  /// does.
  double time_us();

 private:
  c10::Device device_;
  std::int64_t products_;
  at::Tensor a_, b_, out_;
};

}  // namespace mhabench
