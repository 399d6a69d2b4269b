#pragma once

#include <string_view>

namespace mhabench {

/// The project's version, "0.1.0".
std::string_view project_version();

/// `git describe --always --dirty` of the tree this was built from; "unknown" outside of one.
std::string_view project_revision();

}  // namespace mhabench
