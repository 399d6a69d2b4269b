#include "mhabench/results/results_json.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;
using test::message_of;

std::string problem(const std::string& text) {
  return message_of<InputError>([&] {
    check_results(Json::parse(text));
    return 0;
  });
}

TEST(CheckResults, SaysWhatIsNoResultsFile) {
  const std::string kNot = ", so it is no results file of Google Benchmark";
  EXPECT_NO_THROW(check_results(Json::parse(R"({"context": {}, "benchmarks": [], "pairs": []})")));
  EXPECT_EQ(problem("[1, 2]"), "holds array" + kNot);
  for (const char* const text : {"{}", R"({"benchmarks": []})", R"({"context": {}})",
                                 R"({"context": 1, "benchmarks": []})"}) {
    EXPECT_EQ(problem(text), "has no 'context' and 'benchmarks'" + kNot) << text;
  }
  EXPECT_EQ(problem(R"({"context": {}, "benchmarks": 3})"), "'benchmarks' is number, not an array");
  EXPECT_EQ(problem(R"({"context": {}, "benchmarks": [{}, 1]})"),
            "entry 2 of 'benchmarks' is number, not an object");
}

TEST(ContextTexts, HaveDottedKeysAndLengthsByTheNameOfToday) {
  const std::map<std::string, std::string> expected{
      {"grid.batch", "[16,32]"}, {"grid.deep.x", "1.5"}, {"gpu_name", "A"}, {"lengths", "script"}};
  EXPECT_EQ(context_texts(Json::parse(R"({"grid": {"batch": [16, 32], "deep": {"x": 1.5}},
                                          "gpu_name": "A", "lengths": "numpy", "none": {}})")),
            expected);
}

TEST(UsPer, TakesGoogleBenchmarksUnits) {
  EXPECT_EQ(us_per("ns"), 1e-3);
  EXPECT_EQ(us_per("us"), 1);
  EXPECT_EQ(us_per("ms"), 1e3);
  EXPECT_EQ(us_per("s"), 1e6);
  EXPECT_EQ(message_of<InputError>([] { return us_per("min"); }),
            "time_unit 'min' is none of ns, us, ms, s");
}

}  // namespace
}  // namespace mhabench
