#pragma once

#include <optional>
#include <string_view>

namespace mhabench {

/// The bytes that LibTorch's message of an allocation that failed asked for, on either kind of
/// device: "tried to allocate 512 bytes", "Tried to allocate 1.50 GiB" (rounded by the message);
/// nothing for any other text.
std::optional<double> bytes_asked(std::string_view message);

}  // namespace mhabench
