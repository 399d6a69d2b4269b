#include "mhabench/config/version.h"

#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

TEST(Version, IsThreeNumbers) {
  EXPECT_TRUE(std::regex_match(std::string(project_version()), std::regex(R"(\d+\.\d+\.\d+)")));
}

TEST(Version, RevisionIsOneWord) {
  EXPECT_TRUE(std::regex_match(std::string(project_revision()), std::regex(R"([\w.-]+)")))
      << project_revision();
}

TEST(Version, LibTorchIsAtLeastTheOneAskedFor) {
  const std::string built(libtorch_version_built());
  std::smatch parts;
  ASSERT_TRUE(std::regex_search(built, parts, std::regex(R"(^(\d+)\.(\d+)\.)"))) << built;
  EXPECT_GE(std::stoi(parts[1]) * 1000 + std::stoi(parts[2]), 2011) << built;
}

}  // namespace
}  // namespace mhabench
