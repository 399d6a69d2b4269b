#include "mhabench/results/axis_cells.h"

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench {
namespace {

TEST(AxisCells, NameBetaOnlyWhereAllHaveOne) {
  const MhaConfig drawn = test::beta_config("0.85");
  MhaConfig full = drawn;
  full.lengths = {LengthsKind::full, std::nullopt, "", 0, {}};
  EXPECT_EQ(axis_headings({drawn}).back(), "beta");
  EXPECT_EQ(axis_headings({drawn, full}).back(), "lengths");
  EXPECT_EQ(axis_cells(drawn).back(), "0.85");
  EXPECT_EQ(axis_cells(full).back(), "full");
  EXPECT_EQ(axis_cells(drawn).size(), axis_headings({drawn}).size());
}

}  // namespace
}  // namespace mhabench
