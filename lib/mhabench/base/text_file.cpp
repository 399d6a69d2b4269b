#include "mhabench/base/text_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "mhabench/base/error.h"

namespace mhabench {
namespace {

std::string reason_of(int error) { return std::generic_category().message(error); }

std::string size_text(std::size_t bytes) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  constexpr std::size_t kGiB = kMiB << 10;
  return bytes % kGiB == 0 ? std::to_string(bytes / kGiB) + " GiB"
                           : std::to_string(bytes / kMiB) + " MiB";
}

}  // namespace

std::string read_text(const std::filesystem::path& path, std::size_t most_bytes) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) throw InputError("is a directory");
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) throw InputError("cannot be opened: " + reason_of(errno));
  std::string text;
  constexpr std::size_t kChunk = std::size_t{1} << 20;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kChunk);
    text.resize(before + std::fread(text.data() + before, 1, kChunk, file.get()));
    if (text.size() > most_bytes) throw InputError("holds more than " + size_text(most_bytes));
    if (text.size() == before) break;
  }
  if (std::ferror(file.get()) != 0) throw InputError("cannot be read: " + reason_of(errno));
  return text;
}

}  // namespace mhabench
