#pragma once

#include <cstddef>
#include <limits>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "mhabench/inputs/tensors.h"

namespace mhabench {

/// While it lives, memory that LibTorch hands out unwritten on the device holds NaN (fp32, fp16 and
/// bf16 alike), so that an output or a temporary which is read before it is written shows.
///
/// On the CPU each allocation is filled as it is made. On CUDA the free blocks of the caching
/// allocator are filled once, here, on the current stream; memory taken from the driver afterwards
/// is not, so prime the allocator with a call of the same shapes first.
///
/// Only the first `most_bytes` of each block are: where all that is allocated while it lives adds
/// up to no more than that, freed or not, nothing is handed out beyond. For the allocator gives the
/// lowest part of a free block and joins what is freed to its neighbours, so that every new
/// allocation in what was one free block begins at most where the others have reached, and reaches
/// no further than all of them laid end to end.
class PoisonedMemory {
 public:
  explicit PoisonedMemory(c10::Device device,
                          std::size_t most_bytes = std::numeric_limits<std::size_t>::max());
  ~PoisonedMemory();
  PoisonedMemory(const PoisonedMemory&) = delete;
  PoisonedMemory& operator=(const PoisonedMemory&) = delete;

 private:
  bool fill_on_allocation_;
};

/// While it lives, the padding of a batch holds finite noise of eight standard deviations of its
/// tokens, so that an attention that reads of it shows; zero again afterwards, as the script's is.
/// A weight of softmax times noise is far from nothing where one times zero would pass.
class NoisyPadding {
 public:
  /// Writes into inputs.padded on the current stream.
  explicit NoisyPadding(const Inputs& inputs);
  ~NoisyPadding();
  NoisyPadding(const NoisyPadding&) = delete;
  NoisyPadding& operator=(const NoisyPadding&) = delete;

 private:
  void fill(const at::Tensor& padding);

  at::Tensor padded_;
  at::Tensor is_padding_;  // (batch, seq_len, 1)
};

}  // namespace mhabench
