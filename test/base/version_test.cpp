#include "mhabench/base/version.h"

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

}  // namespace
}  // namespace mhabench
