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

// Waits for who holds it, which goes with that process. A file system without locks has none to
// keep apart.
void lock(const Descriptor& file) {
  while (::flock(file.number(), LOCK_EX) != 0 && errno == EINTR) {
  }
}

// A file beside the one to be replaced; removed unless renamed. Its name is the same for each
// writer of a file, so that what a killed one left behind is the next one's to remove; while a
// writer lives it holds the lock.
class Temporary {
 public:
  explicit Temporary(const fs::path& target) : path_(path_for(target)), file_(made(path_)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  Descriptor& file() { return file_; }

  void rename_to(const fs::path& target) {
    // A second descriptor is closed, for what that may tell: with the first the lock would go.
    Descriptor(::fcntl(file_.number(), F_DUPFD_CLOEXEC, 0)).close();
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

  static Descriptor made(const fs::path& path) {
    while (true) {
      const int number =
          ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode);
      if (number < 0 && errno == EEXIST) {
        remove_left_over(path);
        continue;
      }
      Descriptor file(number);
      lock(file);
      // Another process may have taken it for left over before it was locked.
      if (still_stands(file, path)) return file;
    }
  }

  static void remove_left_over(const fs::path& path) {
    const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (number < 0 && errno == ENOENT) return;
    if (number >= 0) {
      const Descriptor file(number);
      lock(file);
      if (still_stands(file, path)) unlink_if_there(path);
    } else {
      unlink_if_there(path);
    }
  }

  static void unlink_if_there(const fs::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw Failure(errno);
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

Descriptor open_existing(const Target& target, int flags) {
  return Descriptor(::open(target.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | flags));
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

// Whether text can still go into the file itself where no temporary can take its place.
bool is_bound_in_place(const Failure& failure, const Target& target) {
  const int error = failure.error();
  return target.status && (error == EACCES || error == EPERM || error == EROFS || error == EBUSY);
}

void check_replaceable(const Target& target) {
  if (target.status) {
    open_existing(target, 0);  // A rename would replace a read-only file just the same.
  } else {
    check_directory(target);
  }
  try {
    Temporary probe(target.path);
  } catch (const Failure& failure) {
    if (!is_bound_in_place(failure, target)) throw;
  }
}

void write_own(int number, std::string_view text) {
  check_descriptor(number);
  std::cout.flush();
  std::fflush(nullptr);
  Descriptor(::fcntl(number, F_DUPFD_CLOEXEC, 0)).write(text);
}

void keep_owner_and_mode(const Descriptor& file, const struct stat& replaced) {
  // The owner is kept where that is allowed: root's run leaves a user's file to the user.
  [[maybe_unused]] const int owner = ::fchown(file.number(), replaced.st_uid, replaced.st_gid);
  if (::fchmod(file.number(), replaced.st_mode & kPermissionBits) != 0) throw Failure(errno);
}

void replace(const Target& target, std::string_view text) {
  Temporary temporary(target.path);
  temporary.file().write(text);
  if (target.status) keep_owner_and_mode(temporary.file(), *target.status);
  temporary.file().sync();
  temporary.rename_to(target.path);
  try {
    sync_directory(target.directory());
  } catch (const Failure&) {
    // The file stands; a directory that cannot be read cannot be flushed either.
  }
}

void overwrite(const Target& target, std::string_view text) {
  Descriptor file = open_existing(target, O_TRUNC);
  file.write(text);
  file.sync();
  file.close();
}

void write_replaceable(const Target& target, std::string_view text) {
  if (target.status) open_existing(target, 0);
  try {
    replace(target, text);
  } catch (const Failure& failure) {
    if (!is_bound_in_place(failure, target)) throw;
    overwrite(target, text);
  }
}

void check_target(const Target& target) {
  if (target.own_descriptor) return check_descriptor(*target.own_descriptor);
  if (target.status) check_kind(target.status->st_mode);
  if (target.replaceable()) return check_replaceable(target);
  // Opening a FIFO would wait for its reader.
  if (::faccessat(AT_FDCWD, target.path.c_str(), W_OK, AT_EACCESS) != 0) throw Failure(errno);
}

void write_target(const Target& target, std::string_view text) {
  if (target.own_descriptor) return write_own(*target.own_descriptor, text);
  if (target.status) check_kind(target.status->st_mode);
  if (target.replaceable()) return write_replaceable(target, text);
  Descriptor file = open_existing(target, 0);
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
