#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// The same memory as parameters that require gradients and that autograd may keep, which tensors
/// made in inference mode are not.
Weights as_parameters(const Weights& weights);

/// slow_mha as PyTorch's script times it: outside inference mode, with parameters that require
/// gradients, so that each call records what a backward pass would need. The output is detached,
/// and what was recorded is dropped with it.
Path slow_autograd_path();

}  // namespace mhabench
