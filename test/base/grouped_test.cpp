#include "mhabench/base/grouped.h"

#include <string>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

TEST(Grouped, KeepsTheOrderOfFirstItemsAndWithinAGroup) {
  const std::vector<std::string> words{"bee", "ape", "bat", "ant", "cat"};
  const auto groups = grouped(words, [](const std::string& word) { return word.front(); });
  std::string text;
  for (const auto& group : groups) {
    for (const std::string* const word : group) text += *word + ' ';
    text += "| ";
  }
  EXPECT_EQ(text, "bee bat | ape ant | cat | ");
  EXPECT_TRUE(grouped(std::vector<int>{}, [](int value) { return value; }).empty());
}

}  // namespace
}  // namespace mhabench
