#pragma once

#include "mhabench/paths/path.h"

namespace mhabench {

/// `eager` captured in a CUDA graph once it is prepared, and replayed by each call: what is left of
/// the path without its host. Needs eager.prepare_fixed. Its pack() writes the next batch to where
/// the graph reads, and its output lies in memory that the next call writes again. Throws
/// Unsupported, with what broke, where a call cannot be captured; and what the eager call throws.
Path graph_path(const Path& eager);

}  // namespace mhabench
