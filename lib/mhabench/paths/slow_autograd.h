#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// slow_mha as PyTorch's script times it: outside inference mode, so that each call records what a
/// backward pass would need. The output is detached, and what was recorded is dropped with it.
Path slow_autograd_path();

}  // namespace mhabench
