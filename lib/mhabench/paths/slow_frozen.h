#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// slow_mha with weights that require no gradient, as a model's are after requires_grad_(False):
/// at::linear then makes seq_len products of batch rows of the in-projection (LibTorch's
/// aten/src/ATen/native/LinearAlgebra.cpp, should_fold).
Path slow_frozen_path();

}  // namespace mhabench
