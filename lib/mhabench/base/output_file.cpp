#include "mhabench/base/output_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "mhabench/base/descriptor.h"
#include "mhabench/base/error.h"
#include "mhabench/base/fingerprint.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // As many as Linux follows.
constexpr mode_t kNewFileMode = 0666;
constexpr mode_t kPermissionBits = 07777;

std::string message_of(const fs::path& path, const Failure& failure) {
  return "cannot write '" + path.string() + "': " + failure.what();
}

// A file beside the one to be replaced; removed unless renamed. Its name is the same for each
// writer of a file, so that the next one takes over what a killed one left; each waits for the lock
// of the one before, which goes with its process. (A file system without locks has none to wait
// for.)
class Temporary {
 public:
  explicit Temporary(const fs::path& target) : path_(path_for(target)), file_(locked(path_)) {
    if (::ftruncate(file_.number(), 0) != 0) throw Failure(errno);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  Descriptor& file() { return file_; }

  void rename_to(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) throw Failure(errno);
    path_.clear();
  }

 private:
  // Short whatever the target's name is, for a name has 255 bytes at most.
  static fs::path path_for(const fs::path& target) {
    Fingerprint name;
    name.add(target.filename().string());
    return target.parent_path() / (".mhabench-" + name.str() + ".tmp");
  }

  // The writer before renames or removes its file while another one waits.
  static Descriptor locked(const fs::path& path) {
    while (true) {
      const int number =
          ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kNewFileMode);
      const int cause = errno;
      // Another user's, of a writer that was killed, or a link: nothing of ours.
      const bool in_the_way = number < 0 && (cause == EACCES || cause == ELOOP);
      if (in_the_way && ::unlink(path.c_str()) == 0) continue;
      errno = cause;
      Descriptor file(number);
      while (::flock(file.number(), LOCK_EX) != 0 && errno == EINTR) {
      }
      if (still_stands(file, path)) return file;
    }
  }

  fs::path path_;
  Descriptor file_;
};

// Where text for a path goes: into an open descriptor of this process, or into `path`, which is no
// symbolic link. `status` is nothing where no file stands there.
struct Target {
  fs::path path;
  std::optional<int> own_descriptor;
  std::optional<struct stat> status;

  bool replaceable() const { return !own_descriptor && (!status || S_ISREG(status->st_mode)); }
  // A bare name lies in the working directory.
  fs::path directory() const { return path.has_parent_path() ? path.parent_path() : "."; }
};

// 3 for /proc/self/fd/3, however it is spelled.
std::optional<int> own_descriptor(const fs::path& path) {
  std::error_code none;
  const fs::path directory = fs::canonical(path.parent_path(), none);
  if (none || directory != "/proc/" + std::to_string(::getpid()) + "/fd") return std::nullopt;
  return number_of<int>(path.filename().string());
}

fs::path link_target(const fs::path& link) {
  std::error_code error;
  fs::path target = fs::read_symlink(link, error);
  if (error) throw Failure(error.value());
  // An absolute target takes the place of the directory.
  return link.parent_path() / target;
}

std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  throw Failure(errno);
}

Target target_of(fs::path path) {
  if (path.empty()) throw Failure(ENOENT, "the name is empty");
  for (int links = 0; links <= kMaxLinks; ++links) {
    if (const auto number = own_descriptor(path)) return {path, number, std::nullopt};
    const std::optional<struct stat> status = status_of(path);
    if (!status || !S_ISLNK(status->st_mode)) return {path, std::nullopt, status};
    path = link_target(path);
  }
  throw Failure(ELOOP);
}

void check_descriptor(int number) {
  const int flags = ::fcntl(number, F_GETFL);
  if (flags < 0) throw Failure(errno);
  if ((flags & O_ACCMODE) == O_RDONLY) throw Failure(EBADF, "it is open for reading alone");
}

void check_kind(mode_t mode) {
  if (S_ISDIR(mode)) throw Failure(EISDIR, "it is a directory");
  if (S_ISBLK(mode)) throw Failure(EINVAL, "it is a block device");
  if (S_ISSOCK(mode)) throw Failure(EINVAL, "it is a socket");
}

Descriptor open_existing(const Target& target) {
  return Descriptor(::open(target.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
}

void check_directory(const Target& target) {
  const fs::path directory = target.directory();
  std::error_code none;
  if (!fs::exists(directory, none)) {
    throw Failure(ENOENT, "the directory '" + directory.string() + "' does not exist");
  }
  if (!fs::is_directory(directory, none)) {
    throw Failure(ENOTDIR, "'" + directory.string() + "' is not a directory");
  }
}

void check_replaceable(const Target& target) {
  if (target.status) {
    open_existing(target);  // A rename would replace a read-only file just the same.
  } else {
    check_directory(target);
  }
}

void write_own(int number, std::string_view text) {
  check_descriptor(number);
  std::cout.flush();
  std::fflush(nullptr);
  Descriptor(::fcntl(number, F_DUPFD_CLOEXEC, 0)).write(text);
}

void replace(const Target& target, std::string_view text) {
  check_replaceable(target);
  Temporary temporary(target.path);
  temporary.file().write(text);
  if (target.status) {
    const mode_t permissions = target.status->st_mode & kPermissionBits;
    if (::fchmod(temporary.file().number(), permissions) != 0) throw Failure(errno);
  }
  temporary.file().sync();
  temporary.rename_to(target.path);
  try {
    sync_directory(target.directory());
  } catch (const Failure&) {
    // The file stands; a directory that cannot be read cannot be flushed either.
  }
}

void check_target(const Target& target) {
  if (target.own_descriptor) return check_descriptor(*target.own_descriptor);
  if (target.status) check_kind(target.status->st_mode);
  if (target.replaceable()) {
    check_replaceable(target);
    Temporary(target.path);
    return;
  }
  // Opening a FIFO would wait for its reader.
  if (::faccessat(AT_FDCWD, target.path.c_str(), W_OK, AT_EACCESS) != 0) throw Failure(errno);
}

void write_target(const Target& target, std::string_view text) {
  if (target.own_descriptor) return write_own(*target.own_descriptor, text);
  if (target.status) check_kind(target.status->st_mode);
  if (target.replaceable()) return replace(target, text);
  Descriptor file = open_existing(target);
  file.write(text);
  file.close();
}

}  // namespace

void check_writable(const fs::path& path) {
  try {
    check_target(target_of(path));
  } catch (const Failure& failure) {
    throw InputError(message_of(path, failure));
  }
}

void write_file(const fs::path& path, std::string_view text) {
  try {
    write_target(target_of(path), text);
  } catch (const Failure& failure) {
    throw std::runtime_error(message_of(path, failure));
  }
}

std::optional<fs::path> replaced_file(const fs::path& path) {
  try {
    const Target target = target_of(path);
    return target.replaceable() ? std::optional(target.path) : std::nullopt;
  } catch (const Failure& failure) {
    throw InputError(message_of(path, failure));
  }
}

bool same_file(const fs::path& a, const fs::path& b) {
  try {
    const Target first = target_of(a);
    const Target second = target_of(b);
    if (!first.replaceable() || !second.replaceable()) return false;
    if (first.status && second.status) {
      return first.status->st_dev == second.status->st_dev &&
             first.status->st_ino == second.status->st_ino;
    }
    std::error_code none;
    return !first.status && !second.status && first.path.filename() == second.path.filename() &&
           fs::equivalent(first.directory(), second.directory(), none);
  } catch (const Failure&) {
    return false;
  }
}

}  // namespace mhabench
