#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace mhabench {

/// The whole of a file, a pipe included. Throws InputError with what is wrong alone, for the caller
/// to name the file: "is a directory", "cannot be opened: <reason>", "cannot be read: <reason>",
/// "holds more than 4 GiB"; then at most a chunk above `most_bytes` has been read, so that
/// /dev/zero ends too.
std::string read_text(const std::filesystem::path& path, std::size_t most_bytes);

}  // namespace mhabench
