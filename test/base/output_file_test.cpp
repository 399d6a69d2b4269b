#include "mhabench/base/output_file.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/base/fingerprint.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using test::message_of;
using test::names_in;
using test::read_text;
using test::TempDir;
using test::write_text;

std::string check_error(const fs::path& path) {
  return message_of<InputError>([&] { check_writable(path); });
}

std::string write_error(const fs::path& path, std::string_view text) {
  return message_of<std::runtime_error>([&] { write_file(path, text); });
}

std::string refused(const fs::path& path, const std::string& reason) {
  return "cannot write '" + path.string() + "': " + reason;
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

// File permissions do not bind root, so as root the test goes on as nobody.
class AsUser {
 public:
  AsUser() : user_(::geteuid()) {
    if (user_ == 0) {
      EXPECT_EQ(::seteuid(65534), 0);
    }
  }
  AsUser(const AsUser&) = delete;
  AsUser& operator=(const AsUser&) = delete;
  ~AsUser() {
    if (user_ == 0) {
      EXPECT_EQ(::seteuid(user_), 0);
    }
  }

 private:
  uid_t user_;
};

// Lets no file grow beyond `bytes`, which to a writer is what a full disk is.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &before_), 0);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

// Sends what this process writes to stdout into a file for a while.
class StdoutInto {
 public:
  explicit StdoutInto(const fs::path& file) : kept_(::dup(STDOUT_FILENO)) {
    std::cout.flush();
    std::fflush(stdout);
    const int number = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT_GE(::dup2(number, STDOUT_FILENO), 0);
    ::close(number);
  }
  StdoutInto(const StdoutInto&) = delete;
  StdoutInto& operator=(const StdoutInto&) = delete;
  ~StdoutInto() {
    std::cout.flush();
    std::fflush(stdout);
    EXPECT_GE(::dup2(kept_, STDOUT_FILENO), 0);
    ::close(kept_);
  }

 private:
  int kept_;
};

TEST(WriteFile, MakesAFileThatIsNotThereYet) {
  const TempDir dir;
  check_writable(dir / "rows.csv");
  EXPECT_EQ(names_in(dir.path()), Names{}) << "a check leaves nothing";
  write_file(dir / "rows.csv", "a,b\n1,2\n");
  EXPECT_EQ(read_text(dir / "rows.csv"), "a,b\n1,2\n");
  EXPECT_EQ(names_in(dir.path()), (Names{"rows.csv"}));
}

TEST(WriteFile, GivesANewFileThePermissionsOfTheUmask) {
  const TempDir dir;
  const mode_t before = ::umask(027);
  write_file(dir / "rows.csv", "1\n");
  ::umask(before);
  EXPECT_EQ(mode_of(dir / "rows.csv"), mode_t{0640});
}

TEST(WriteFile, ReplacesAFileAndKeepsItsPermissions) {
  const TempDir dir;
  write_text(dir / "rows.csv", "a longer text that stood there\n");
  ASSERT_EQ(::chmod((dir / "rows.csv").c_str(), 0604), 0);
  check_writable(dir / "rows.csv");
  EXPECT_EQ(read_text(dir / "rows.csv"), "a longer text that stood there\n");
  write_file(dir / "rows.csv", "new\n");
  EXPECT_EQ(read_text(dir / "rows.csv"), "new\n");
  EXPECT_EQ(mode_of(dir / "rows.csv"), mode_t{0604});
  EXPECT_EQ(names_in(dir.path()), (Names{"rows.csv"}));
}

TEST(WriteFile, ReadersOfTheOldFileKeepItWhole) {
  const TempDir dir;
  write_text(dir / "rows.csv", "old\n");
  std::ifstream reader(dir / "rows.csv");
  write_file(dir / "rows.csv", "new\n");
  std::string line;
  std::getline(reader, line);
  EXPECT_EQ(line, "old");
}

TEST(WriteFile, TakesEmptyTextAndTextOfManyPages) {
  const TempDir dir;
  write_file(dir / "empty", "");
  EXPECT_EQ(read_text(dir / "empty"), "");
  const std::string large(std::size_t{5} << 20, 'x');
  write_file(dir / "large", large);
  EXPECT_EQ(read_text(dir / "large"), large);
}

TEST(WriteFile, TakesANameInTheWorkingDirectory) {
  const TempDir dir;
  const fs::path before = fs::current_path();
  fs::current_path(dir.path());
  check_writable("rows.csv");
  write_file("rows.csv", "1\n");
  fs::current_path(before);
  EXPECT_EQ(read_text(dir / "rows.csv"), "1\n");
}

TEST(WriteFile, TakesTheLongestNameADirectoryHolds) {
  const TempDir dir;
  const fs::path longest = dir / std::string(255, 'n');
  check_writable(longest);
  write_file(longest, "1\n");
  EXPECT_EQ(read_text(longest), "1\n");
}

TEST(WriteFile, FollowsLinksAndKeepsThem) {
  const TempDir dir;
  fs::create_directory(dir / "data");
  write_text(dir / "data" / "rows.csv", "old\n");
  fs::create_symlink("data/rows.csv", dir / "relative");
  fs::create_symlink(dir / "relative", dir / "absolute");
  check_writable(dir / "absolute");
  write_file(dir / "absolute", "new\n");
  EXPECT_TRUE(fs::is_symlink(dir / "absolute"));
  EXPECT_TRUE(fs::is_symlink(dir / "relative"));
  EXPECT_FALSE(fs::is_symlink(dir / "data" / "rows.csv"));
  EXPECT_EQ(read_text(dir / "data" / "rows.csv"), "new\n");
  EXPECT_EQ(names_in(dir / "data"), (Names{"rows.csv"}));
}

TEST(WriteFile, MakesTheFileThatALinkNames) {
  const TempDir dir;
  fs::create_symlink("rows.csv", dir / "link");
  check_writable(dir / "link");
  write_file(dir / "link", "new\n");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(read_text(dir / "rows.csv"), "new\n");
}

TEST(WriteFile, WritesDevicesAsTheyStand) {
  check_writable("/dev/null");
  write_file("/dev/null", "gone\n");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(WriteFile, SaysThatADiskIsFull) {
  EXPECT_EQ(write_error("/dev/full", "1\n"), "cannot write '/dev/full': No space left on device");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(WriteFile, LeavesTheOldFileAndNoTemporaryWhereTheNewOneDoesNotFit) {
  const TempDir dir;
  write_text(dir / "rows.csv", "old\n");
  const std::string large(std::size_t{1} << 16, 'x');
  {
    const FileSizeLimit limit(4096);
    EXPECT_EQ(write_error(dir / "rows.csv", large), refused(dir / "rows.csv", "File too large"));
    EXPECT_EQ(write_error(dir / "none.csv", large), refused(dir / "none.csv", "File too large"));
  }
  EXPECT_EQ(read_text(dir / "rows.csv"), "old\n");
  EXPECT_EQ(names_in(dir.path()), (Names{"rows.csv"}));
}

// Ends by a signal in the middle of its write, as after a kill.
void write_until_killed(const fs::path& path, const std::string& text) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_DFL);
    write_file(path, text);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(WriteFile, ALinkInThePlaceOfTheTemporaryIsNotFollowed) {
  const TempDir dir;
  Fingerprint name;
  name.add("rows.csv");
  fs::create_symlink("elsewhere", dir / (".mhabench-" + name.str() + ".tmp"));
  write_file(dir / "rows.csv", "new\n");
  EXPECT_EQ(read_text(dir / "rows.csv"), "new\n");
  EXPECT_FALSE(fs::exists(dir / "elsewhere"));
}

TEST(WriteFile, RemovesWhatAKilledWriterOfTheSameFileLeft) {
  const TempDir dir;
  const std::string large(std::size_t{1} << 16, 'x');
  write_until_killed(dir / "rows.csv", large);
  write_until_killed(dir / "rows.csv", large);
  EXPECT_EQ(names_in(dir.path()).size(), 1) << "a second one leaves no second file";
  check_writable(dir / "rows.csv");
  EXPECT_EQ(names_in(dir.path()), Names{});

  write_until_killed(dir / "rows.csv", large);
  write_file(dir / "rows.csv", "1\n");
  EXPECT_EQ(read_text(dir / "rows.csv"), "1\n");
  EXPECT_EQ(names_in(dir.path()), (Names{"rows.csv"}));
}

TEST(WriteFile, WritersOfOneFileAtATimeEachLeaveItWhole) {
  const TempDir dir;
  constexpr std::size_t kBytes = 100'000;
  const auto write = [&](char letter) {
    for (int i = 0; i < 20; ++i) write_file(dir / "rows.csv", std::string(kBytes, letter));
  };
  write('a');
  std::thread first(write, 'b');
  std::thread second(write, 'c');
  for (int i = 0; i < 100; ++i) {
    const std::string text = read_text(dir / "rows.csv");
    EXPECT_EQ(text, std::string(kBytes, text.empty() ? 'a' : text.front()));
  }
  first.join();
  second.join();
  EXPECT_EQ(names_in(dir.path()), (Names{"rows.csv"}));
}

TEST(WriteFile, FeedsTheReaderOfAFifo) {
  const TempDir dir;
  const fs::path fifo = dir / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  check_writable(fifo);  // Before there is a reader, and without waiting for one.
  std::string read;
  std::thread reader([&] { read = read_text(fifo); });
  write_file(fifo, "through the pipe\n");
  reader.join();
  EXPECT_EQ(read, "through the pipe\n");
  EXPECT_TRUE(fs::is_fifo(fifo));
}

TEST(WriteFile, WritesStdoutInItsOrder) {
  const TempDir dir;
  {
    const StdoutInto file(dir / "stdout");
    std::cout << "before\n";
    check_writable("/dev/stdout");
    write_file("/dev/stdout", "text\n");
    std::cout << "after\n";
  }
  EXPECT_EQ(read_text(dir / "stdout"), "before\ntext\nafter\n");
  EXPECT_EQ(names_in(dir.path()), (Names{"stdout"}));
}

TEST(WriteFile, WritesADescriptorThatWasHandedOver) {
  const TempDir dir;
  const int number = ::open((dir / "file").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(number, 0);
  const fs::path name = "/dev/fd/" + std::to_string(number);
  check_writable(name);
  write_file(name, "one\n");
  write_file(name, "two\n");
  ::close(number);
  EXPECT_EQ(read_text(dir / "file"), "one\ntwo\n");
}

TEST(CheckWritable, RefusesWhatPermissionsForbid) {
  const TempDir dir;
  write_text(dir / "readonly.csv", "old\n");
  ASSERT_EQ(::chmod((dir / "readonly.csv").c_str(), 0444), 0);
  fs::create_directory(dir / "closed");
  write_text(dir / "closed" / "old.csv", "old\n");
  ASSERT_EQ(::chmod((dir / "closed" / "old.csv").c_str(), 0666), 0);
  ASSERT_EQ(::chmod((dir / "closed").c_str(), 0555), 0);
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0444), 0);
  ASSERT_EQ(::chmod(dir.path().c_str(), 0777), 0);
  const AsUser user;
  for (const char* name : {"readonly.csv", "closed/new.csv", "closed/old.csv", "fifo"}) {
    EXPECT_EQ(check_error(dir / name), refused(dir / name, "Permission denied"));
  }
  for (const char* name : {"readonly.csv", "closed/new.csv", "closed/old.csv"}) {
    EXPECT_EQ(write_error(dir / name, "new\n"), refused(dir / name, "Permission denied"));
  }
  EXPECT_EQ(read_text(dir / "readonly.csv"), "old\n");
}

TEST(CheckWritable, RefusesWhatIsNoPlaceForAFile) {
  const TempDir dir;
  write_text(dir / "file", "");
  fs::create_symlink("loop", dir / "loop");
  const struct {
    fs::path path;
    std::string reason;
  } cases[] = {
      {"", "the name is empty"},
      {dir.path(), "it is a directory"},
      {dir / "missing/rows.csv",
       "the directory '" + (dir / "missing").string() + "' does not exist"},
      {dir / "missing/", "the directory '" + (dir / "missing").string() + "' does not exist"},
      {dir / "file/rows.csv", "Not a directory"},
      {dir / "loop", "Too many levels of symbolic links"},
      {dir / std::string(256, 'n'), "File name too long"},
      {"/dev/fd/987654", "Bad file descriptor"},
  };
  for (const auto& [path, reason] : cases) {
    EXPECT_EQ(check_error(path), refused(path, reason));
    EXPECT_NE(write_error(path, "text"), "") << path;
  }
}

TEST(CheckWritable, RefusesASocket) {
  const TempDir dir;
  const fs::path path = dir / "socket";
  const int number = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  // The cast is how bind() takes addresses of all families.
  ASSERT_EQ(::bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(number);
  EXPECT_EQ(check_error(path), refused(path, "it is a socket"));
}

TEST(CheckWritable, RefusesADescriptorThatOnlyReads) {
  const TempDir dir;
  write_text(dir / "file", "old\n");
  const int number = ::open((dir / "file").c_str(), O_RDONLY);
  ASSERT_GE(number, 0);
  const fs::path name = "/dev/fd/" + std::to_string(number);
  EXPECT_EQ(check_error(name), refused(name, "it is open for reading alone"));
  ::close(number);
}

TEST(SameFile, SeesThroughNamesAndLinks) {
  const TempDir dir;
  fs::create_directory(dir / "data");
  write_text(dir / "file", "");
  fs::create_symlink("file", dir / "link");
  fs::create_hard_link(dir / "file", dir / "hard");
  fs::create_symlink("new", dir / "link to new");
  const struct {
    const char* a;
    const char* b;
    bool same;
  } cases[] = {
      {"file", "file", true},       {"file", "data/../file", true},
      {"file", "link", true},       {"file", "hard", true},
      {"new", "data/../new", true}, {"new", "link to new", true},
      {"file", "new", false},       {"new", "other", false},
      {"new", "data/new", false},   {"missing/x", "missing/x", false},
  };
  for (const auto& [a, b, same] : cases) {
    EXPECT_EQ(same_file(dir / a, dir / b), same) << a << ' ' << b;
    EXPECT_EQ(same_file(dir / b, dir / a), same) << b << ' ' << a;
  }
}

TEST(SameFile, DevicesTakeAnyNumberOfWriters) {
  EXPECT_FALSE(same_file("/dev/null", "/dev/null"));
  EXPECT_FALSE(same_file("/dev/stdout", "/dev/stdout"));
}

}  // namespace
}  // namespace mhabench
