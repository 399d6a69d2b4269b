#include "bench/run/row_store.h"

#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/rows.h"

namespace mhabench::bench {
namespace {

using test::beta_config;

const std::string kName = "MHA/slow/fp16";

Row timed(std::int64_t calls, double us) {
  Row row = test::timed_row("slow", beta_config(), us);
  row.calls = calls;
  return row;
}

Row failed(const std::string& message) {
  return test::row_without_time("slow", beta_config(), RowStatus::failed, message);
}

std::optional<double> time_of(const std::optional<Row>& row) {
  return row ? row->real_time_us : std::nullopt;
}

TEST(RowStoreTest, FindsARowByNameCallsAndTotalTime) {
  RowStore store;
  store.put(kName, timed(100, 20));
  EXPECT_EQ(time_of(store.take(kName, 100, 0.002)), 20);
}

TEST(RowStoreTest, AnotherNameNumberOfCallsOrTimeFindsNothing) {
  RowStore store;
  store.put(kName, timed(100, 20));
  EXPECT_FALSE(store.take("MHA/fast/fp16", 100, 0.002));
  EXPECT_FALSE(store.take(kName, 50, 0.002));
  EXPECT_FALSE(store.take(kName, 100, 0.0020001));
  EXPECT_FALSE(store.take(kName, 0, 0));
  EXPECT_TRUE(store.take(kName, 100, 0.002));
}

// A mean times its number of calls is the total but for its rounding.
TEST(RowStoreTest, TotalsMayDifferInTheirLastBits) {
  constexpr std::int64_t kCalls = 11;
  constexpr double kTotalUs = 100000.3;
  constexpr double kMean = kTotalUs / kCalls;
  ASSERT_NE(kMean * kCalls * 1e-6, kTotalUs * 1e-6);
  RowStore store;
  store.put(kName, timed(kCalls, kMean));
  EXPECT_TRUE(store.take(kName, kCalls, kTotalUs * 1e-6));
}

TEST(RowStoreTest, ARowIsTakenOnce) {
  RowStore store;
  store.put(kName, timed(100, 20));
  EXPECT_TRUE(store.take(kName, 100, 0.002));
  EXPECT_FALSE(store.take(kName, 100, 0.002));
}

TEST(RowStoreTest, RepetitionsComeOneAfterTheOther) {
  RowStore store;
  store.put(kName, timed(100, 20));
  store.put(kName, timed(100, 30));
  store.put(kName, timed(100, 20));
  EXPECT_EQ(time_of(store.take(kName, 100, 0.002)), 20);
  EXPECT_EQ(time_of(store.take(kName, 100, 0.003)), 30);
  EXPECT_EQ(time_of(store.take(kName, 100, 0.002)), 20);
}

TEST(RowStoreTest, InvocationsThatWereNotReportedAreForgotten) {
  RowStore store;
  store.put(kName, timed(10, 25));
  store.put(kName, timed(100, 20));
  EXPECT_EQ(time_of(store.take(kName, 100, 0.002)), 20);
  EXPECT_FALSE(store.take(kName, 10, 0.00025));
}

TEST(RowStoreTest, ARowWithoutATimeHasNoCalls) {
  RowStore store;
  store.put(kName, failed("out of memory"));
  EXPECT_FALSE(store.take(kName, 100, 0.002));
  const auto row = store.take(kName, 0, 0);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->message, "out of memory");
}

TEST(RowStoreTest, ARepetitionThatFailedKeepsItsPlace) {
  RowStore store;
  store.put(kName, timed(100, 20));
  store.put(kName, failed("out of memory"));
  store.put(kName, timed(100, 30));
  EXPECT_EQ(time_of(store.take(kName, 100, 0.002)), 20);
  EXPECT_TRUE(store.take(kName, 0, 0));
  EXPECT_EQ(time_of(store.take(kName, 100, 0.003)), 30);
}

}  // namespace
}  // namespace mhabench::bench
