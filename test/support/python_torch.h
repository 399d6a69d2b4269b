#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "support/batches.h"

namespace mhabench::test {

/// One way to call PyTorch's own layer in Python, by the name of the path that stands for it.
struct PythonWay {
  std::string path;
  at::Tensor output;                            ///< (tokens, embed_dim)
  std::vector<std::string> operators, kernels;  ///< as operators_of() and kernels_of()
};

/// A case, and the ways that can take it.
struct PythonCase {
  std::string name;
  Case case_;
  std::vector<PythonWay> ways;

  const PythonWay& way(const std::string& path) const;
};

/// Why the Python torch cannot be asked; absent where it can.
std::optional<std::string> no_python_torch();

/// Runs the Python torch that set-up found over the batches in each dtype, in one process and with
/// as many threads as here. Throws std::runtime_error with what it printed where it fails.
std::vector<PythonCase> ask_python(const std::vector<Batch>& batches,
                                   const std::vector<Dtype>& dtypes, c10::Device device);

/// What is compared there: on the CPU every dtype, on a GPU the script's fp16.
std::vector<Dtype> python_dtypes(c10::Device device);

/// Ragged and full batches and batches of 1, for which heads are even, as the layer in Python asks.
std::vector<Batch> python_batches();

}  // namespace mhabench::test
