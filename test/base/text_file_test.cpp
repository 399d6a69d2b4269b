#include "mhabench/base/text_file.h"

#include <string>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

std::string problem(const std::filesystem::path& path, std::size_t most_bytes = kMiB) {
  return test::message_of<InputError>([&] { return read_text(path, most_bytes); });
}

TEST(ReadText, GivesTheWholeFile) {
  const test::TempDir dir;
  const std::string text = "a\n\0b" + std::string(3 * kMiB, 'x') + "\r\n";
  test::write_text(dir / "a", text);
  EXPECT_EQ(read_text(dir / "a", text.size()), text);
  test::write_text(dir / "empty", "");
  EXPECT_EQ(read_text(dir / "empty", 0), "");
}

TEST(ReadText, SaysWhatIsWrong) {
  const test::TempDir dir;
  EXPECT_EQ(problem(dir / "absent"), "cannot be opened: No such file or directory");
  EXPECT_EQ(problem(dir.path()), "is a directory");
  test::write_text(dir / "a", std::string(kMiB + 1, 'x'));
  EXPECT_EQ(problem(dir / "a"), "holds more than 1 MiB");
  EXPECT_EQ(problem("/dev/zero"), "holds more than 1 MiB") << "which has no end";
  EXPECT_EQ(problem("/proc/self/mem"), "cannot be read: Input/output error");
}

}  // namespace
}  // namespace mhabench
