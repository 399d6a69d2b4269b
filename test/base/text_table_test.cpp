#include "mhabench/base/text_table.h"

#include <gtest/gtest.h>

namespace mhabench {
namespace {

TEST(TextTable, WordsStandLeftAndNumbersRight) {
  const std::vector<Cells> lines{{"path", "us"}, {"a", "12.5"}};
  EXPECT_EQ(render(lines), "path    us\n   a  12.5\n");
  EXPECT_EQ(render(lines, 1), "path    us\na     12.5\n");
  EXPECT_EQ(rendered_width(lines), 10u);
  EXPECT_EQ(render({}), "");
  EXPECT_EQ(rendered_width({}), 0u);
}

TEST(TextTable, WhatIsUnknownIsADash) {
  EXPECT_EQ(or_dash(1.25, 1), "1.2");
  EXPECT_EQ(or_dash(std::nullopt, 1), "-");
}

}  // namespace
}  // namespace mhabench
