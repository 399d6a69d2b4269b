#include "bench/workers/row_queue.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bench/run/registration.h"
#include "mhabench/config/grid.h"

namespace mhabench::bench {
namespace {

using Names = std::vector<std::string>;

// Two configurations, each on slow and fast.
class RowQueueTest : public ::testing::Test {
 protected:
  static std::vector<PlannedRow> two_by_two() {
    Grid grid = named_grid("cpu");
    grid.batches = {2, 4};
    grid.seq_lens = {16};
    grid.embed_dims = {64};
    grid.heads = {2};
    grid.betas = {Decimal::parse("1")};
    return plan_rows(expand(grid).configs, {"slow", "fast"}, RowFilter(""));
  }

  Places next() {
    const auto assignment = queue_.next();
    return assignment ? assignment->rows : Places{};
  }

  const std::vector<PlannedRow> rows_ = two_by_two();
  RowQueue queue_{rows_};
};

TEST_F(RowQueueTest, HandsOutAConfigurationAtATimeInThePlansOrder) {
  EXPECT_EQ(queue_.left(), 4U);
  EXPECT_EQ(next(), (Places{0, 1}));
  EXPECT_EQ(next(), (Places{2, 3}));
  EXPECT_EQ(next(), Places{});
  EXPECT_EQ(queue_.left(), 4U);
}

TEST_F(RowQueueTest, LeavesOutRowsThatAreOver) {
  queue_.finish(0, true);
  queue_.finish(2, true);
  queue_.finish(3, false);
  EXPECT_EQ(queue_.left(), 1U);
  EXPECT_EQ(next(), Places{1});
  EXPECT_EQ(next(), Places{});
}

TEST_F(RowQueueTest, SaysWhichOutputsOfTheConfigurationWereSeen) {
  queue_.finish(0, true);
  queue_.finish(2, false);
  EXPECT_EQ(queue_.next()->seen, Names{rows_[0].name});
  EXPECT_EQ(queue_.next()->seen, Names{});
}

TEST_F(RowQueueTest, HandsOutFirstWhatComesBack) {
  EXPECT_EQ(next(), (Places{0, 1}));
  queue_.finish(0, false);
  queue_.give_back({1});
  queue_.give_back({});
  EXPECT_EQ(next(), Places{1});
  EXPECT_EQ(next(), (Places{2, 3}));
}

}  // namespace
}  // namespace mhabench::bench
