#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "support/batches.h"

namespace mhabench::test {

/// A case, and what PyTorch's own layer gives for it in Python, as (tokens, embed_dim).
struct PythonOutputs {
  std::string name;
  Case case_;
  at::Tensor slow, fast;
};

/// Why the Python torch cannot be asked; absent where it can.
std::optional<std::string> no_python_torch();

/// Runs the Python torch that set-up found over the batches in each dtype, in one process and with
/// as many threads as here. Throws std::runtime_error with what it printed where it fails.
std::vector<PythonOutputs> ask_python(const std::vector<Batch>& batches,
                                      const std::vector<Dtype>& dtypes, c10::Device device);

/// What is compared there: on the CPU every dtype, on a GPU the script's fp16.
std::vector<Dtype> python_dtypes(c10::Device device);

/// Ragged batches and batches of 1 for which heads are even, as the layer in Python asks.
std::vector<Batch> python_batches();

}  // namespace mhabench::test
