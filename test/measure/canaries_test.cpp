#include "mhabench/measure/canaries.h"

#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

// A canary that takes 0.5 s and 100 us, then 101 us, and so on, and a clock that tests set.
class CanariesTest : public ::testing::Test {
 protected:
  Canaries every(double seconds) {
    return {seconds, "cuda:1",
            CanarySource{[this] {
                           pass(0.5);
                           if (fails_) throw std::runtime_error("no memory\nbacktrace");
                           return 100.0 + reads_++;
                         },
                         [] { return 1980.0; }, [this] { return now_; }}};
  }

  void pass(double seconds) {
    now_ += std::chrono::milliseconds(static_cast<std::int64_t>(1000 * seconds));
  }

  CanarySource::Clock::time_point now_{};
  int reads_ = 0;
  bool fails_ = false;
};

TEST_F(CanariesTest, TheFirstStandsBeforeTheFirstRow) {
  Canaries canaries = every(30);
  pass(2);
  canaries.look();
  const auto reading = canaries.before("a");
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->us, 100);
  EXPECT_EQ(reading->sm_mhz, 1980);
  EXPECT_EQ(reading->seconds, 2);
}

TEST_F(CanariesTest, NoneIsTimedBeforeItIsDue) {
  Canaries canaries = every(30);
  canaries.look();
  pass(29.9);
  canaries.look();
  EXPECT_EQ(reads_, 1);
  pass(0.1);
  canaries.look();
  EXPECT_EQ(reads_, 2);
}

TEST_F(CanariesTest, OnlyTheRowThatCameNextHasIt) {
  Canaries canaries = every(30);
  canaries.look();
  ASSERT_TRUE(canaries.before("a"));
  EXPECT_FALSE(canaries.before("b"));
  EXPECT_TRUE(canaries.before("a")) << "a row may be made ready twice";
  pass(30);
  canaries.look();
  EXPECT_EQ(canaries.before("c")->us, 101);
  EXPECT_FALSE(canaries.before("a"));
}

TEST_F(CanariesTest, TheLastIsTimedWhetherItIsDueOrNot) {
  Canaries canaries = every(30);
  canaries.look();
  const Json expected =
      Json::parse(R"([{"device": "cuda:1", "us": 101.0, "seconds": 0.5, "sm_mhz": 1980.0}])");
  EXPECT_EQ(canaries.finish(), expected);
}

TEST_F(CanariesTest, OneThatFailsIsNotTriedAgainAndIsTold) {
  Canaries canaries = every(0);
  canaries.look();
  ASSERT_TRUE(canaries.before("a"));
  fails_ = true;
  canaries.look();
  fails_ = false;
  canaries.look();
  EXPECT_EQ(reads_, 1);
  EXPECT_FALSE(canaries.before("b"));
  EXPECT_EQ(canaries.finish(),
            Json::parse(R"([{"device": "cuda:1", "problem": "failed: no memory"}])"));
}

TEST(GatherCanaries, MovesThoseOfRowsToTheContextInOrder) {
  Json document = Json::parse(R"({
      "context": {"seed": 1, "canaries": [{"us": 3.0}]},
      "benchmarks": [{"name": "a", "device": "cpu", "canary": {"us": 1.0}},
                     {"name": "a", "device": "cpu", "canary": {"us": 1.0}},
                     {"name": "b", "device": "cpu"},
                     {"name": "c", "device": "cuda:1", "canary": {"us": 2.0}}]})");
  gather_canaries(document);
  EXPECT_EQ(document, Json::parse(R"({
      "context": {"seed": 1, "canaries": [{"before_row": "a", "device": "cpu", "us": 1.0},
                                          {"before_row": "c", "device": "cuda:1", "us": 2.0},
                                          {"us": 3.0}]},
      "benchmarks": [{"name": "a", "device": "cpu"}, {"name": "a", "device": "cpu"},
                     {"name": "b", "device": "cpu"}, {"name": "c", "device": "cuda:1"}]})"));
}

TEST(GatherCanaries, AddsNothingWhereThereAreNone) {
  Json document = Json::parse(R"({"context": {}, "benchmarks": [{"name": "a"}]})");
  const Json before = document;
  gather_canaries(document);
  EXPECT_EQ(document, before);
}

}  // namespace
}  // namespace mhabench
