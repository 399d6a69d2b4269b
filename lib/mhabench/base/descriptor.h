#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mhabench {

/// An errno with the words that stand for it: "No space left on device".
class Failure : public std::runtime_error {
 public:
  explicit Failure(int error);
  Failure(int error, const std::string& reason);

  int error() const { return error_; }

 private:
  int error_;
};

/// An open file, closed with its owner. Its members throw Failure.
class Descriptor {
 public:
  /// Takes what open() and its like return, -1 and errno included.
  explicit Descriptor(int number);
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int number() const { return number_; }

  /// All of it.
  void write(std::string_view text);

  /// What was written is on the disk then; a file system that cannot is passed over.
  void sync();
  /// The same without what does not matter for reading it, such as its time.
  void sync_data();

  /// Some file systems tell of a full disk or quota here for the first time.
  void close();

 private:
  int number_;
};

/// Whether the open file is still the one of that name: another process may have removed or
/// replaced it since it was opened.
bool still_stands(const Descriptor& file, const std::filesystem::path& path);

/// A rename or removal in the directory is on the disk then. Throws Failure.
void sync_directory(const std::filesystem::path& directory);

}  // namespace mhabench
