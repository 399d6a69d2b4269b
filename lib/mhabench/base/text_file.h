#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench {

/// The whole of a file, a pipe included. Throws InputError with only what is wrong, so that the
/// caller names the file: "is a directory", "cannot be opened: <reason>", "cannot be read:
/// <reason>", "holds more than 1 GiB". It reads at most a chunk above `most_bytes`, so that
/// /dev/zero ends too.
std::string read_text(const std::filesystem::path& path, std::size_t most_bytes);

/// What `body` returns. To its InputError the file's name is added: "'<name>': <what>", one line.
template <typename Body>
auto in_file(const std::string& name, Body&& body) {
  try {
    return body();
  } catch (const InputError& error) {
    throw InputError(one_line("'" + name + "': " + error.what()));
  }
}

}  // namespace mhabench
