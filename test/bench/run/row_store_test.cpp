#include "bench/run/row_store.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench::bench {
namespace {

const std::string kName = "MHA/slow/fp16";

Row timed(double us) { return test::timed_row("slow", test::beta_config(), us); }

std::vector<double> times_of(const std::vector<Row>& rows) {
  std::vector<double> times;
  for (const Row& row : rows) times.push_back(row.real_time_us.value_or(0));
  return times;
}

TEST(RowStoreTest, RepetitionsComeInTheirOrder) {
  RowStore store;
  for (const double us : {20.0, 30.0, 20.0}) store.put(kName, timed(us));
  EXPECT_EQ(times_of(store.take(kName, 3)), (std::vector<double>{20, 30, 20}));
}

TEST(RowStoreTest, ARowIsFoundByItsNameAndTakenOnce) {
  RowStore store;
  store.put(kName, timed(20));
  EXPECT_TRUE(store.take("MHA/fast/fp16", 1).empty());
  EXPECT_EQ(store.take(kName, 1).size(), 1U);
  EXPECT_TRUE(store.take(kName, 1).empty());
}

TEST(RowStoreTest, InvocationsThatWereNotReportedAreForgotten) {
  RowStore store;
  for (const double us : {25.0, 20.0, 30.0}) store.put(kName, timed(us));
  EXPECT_EQ(times_of(store.take(kName, 2)), (std::vector<double>{20, 30}));
  EXPECT_TRUE(store.take(kName, 1).empty());
}

TEST(RowStoreTest, ARepetitionThatFailedKeepsItsPlace) {
  RowStore store;
  store.put(kName, timed(20));
  store.put(kName, test::row_without_time("slow", test::beta_config(), RowStatus::failed, "no"));
  store.put(kName, timed(30));
  EXPECT_EQ(times_of(store.take(kName, 3)), (std::vector<double>{20, 0, 30}));
}

}  // namespace
}  // namespace mhabench::bench
