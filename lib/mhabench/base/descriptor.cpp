#include "mhabench/base/descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mhabench {
namespace {

// EINVAL: a file system that cannot.
void check_sync(int result) {
  if (result != 0 && errno != EINVAL) throw Failure(errno);
}

}  // namespace

Failure::Failure(int error) : Failure(error, std::generic_category().message(error)) {}

Failure::Failure(int error, const std::string& reason)
    : std::runtime_error(reason), error_(error) {}

Descriptor::Descriptor(int number) : number_(number) {
  if (number_ < 0) throw Failure(errno);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

void Descriptor::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(number_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw Failure(errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Descriptor::sync() { check_sync(::fsync(number_)); }

void Descriptor::sync_data() { check_sync(::fdatasync(number_)); }

void Descriptor::close() {
  if (::close(std::exchange(number_, -1)) != 0 && errno != EINTR) throw Failure(errno);
}

bool still_stands(const Descriptor& file, const std::filesystem::path& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(file.number(), &open) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

void sync_directory(const std::filesystem::path& directory) {
  Descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)).sync();
}

}  // namespace mhabench
