#include "bench/cli/file_arguments.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench::bench {
namespace {

using Strings = std::vector<std::string>;

TEST(FileList, SplitsAtCommasUnlessThereIsSuchAFile) {
  EXPECT_EQ(file_list("a.json,b.json"), (Strings{"a.json", "b.json"}));
  const test::TempDir dir;
  const std::string name = (dir / "a,b.json").string();
  EXPECT_EQ(file_list(name).size(), 2u);
  test::write_text(name, "x");
  EXPECT_EQ(file_list(name), Strings{name});
  EXPECT_EQ(test::message_of<InputError>([] { return file_list("a,,b"); }),
            "'a,,b' has an empty name between its commas");
}

TEST(CheckNoInput, RefusesAnInputByWhateverName) {
  const test::TempDir dir;
  test::write_text(dir / "a.json", "x");
  const std::string name = (dir / "a.json").string();
  EXPECT_EQ(
      test::message_of<InputError>([&] { check_no_input((dir / "./a.json").string(), {name}); }),
      "'" + (dir / "./a.json").string() + "' would be replaced and is one of the inputs");
  check_no_input((dir / "b.json").string(), {name});
}

}  // namespace
}  // namespace mhabench::bench
