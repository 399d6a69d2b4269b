#include "bench/run/planned_row.h"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench::bench {
namespace {

TEST(ConfigurationsOfTest, RowsSideBySideShareOne) {
  const MhaConfig a = test::beta_config("0.85");
  const MhaConfig b = test::beta_config("0.05");
  EXPECT_EQ(configurations_of({{"a1", nullptr, a}, {"a2", nullptr, a}, {"b", nullptr, b}}),
            (std::vector<std::size_t>{0, 0, 1}));
  EXPECT_EQ(configurations_of({}), std::vector<std::size_t>{});
}

}  // namespace
}  // namespace mhabench::bench
