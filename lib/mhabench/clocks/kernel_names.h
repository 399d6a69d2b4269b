#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mhabench {

/// A kernel's name as its source has it; names that are not mangled come back as they are.
std::string demangled(const std::string& name);

/// What computed the attention: one of the fused kernels, the unfused ones of the native layer's
/// older path, or a softmax between two matrix products.
enum class Backend { flash, efficient, cudnn, legacy, math };

/// "flash", "efficient", "cudnn", "legacy", "math".
std::string_view name_of(Backend backend);

/// The backend by the kernels that ran, mangled or not. Absent where none of them is known.
std::optional<Backend> backend_of(const std::vector<std::string_view>& kernels);

}  // namespace mhabench
