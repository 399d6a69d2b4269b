#pragma once

#include <string_view>

namespace mhabench {

/// The project's version, "0.1.0".
std::string_view project_version();

/// `git describe --always --dirty` of the tree this was built from; "unknown" outside of one.
std::string_view project_revision();

/// The LibTorch this was built against, "2.11.0+cu130".
std::string_view libtorch_version_built();

}  // namespace mhabench
