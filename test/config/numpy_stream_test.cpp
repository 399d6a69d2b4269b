#include "mhabench/config/numpy_stream.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

// A line of numpy_streams.golden: "function seed arguments... : values...".
struct Golden {
  std::string function;
  std::uint64_t seed = 0;
  std::vector<std::string> arguments;
  std::vector<std::string> values;

  double real(std::size_t i) const { return std::strtod(arguments.at(i).c_str(), nullptr); }
  std::int64_t integer(std::size_t i) const { return std::stoll(arguments.at(i)); }
};

std::vector<Golden> goldens() {
  std::ifstream file(MHABENCH_TEST_DATA_DIR "/config/numpy_streams.golden");
  std::vector<Golden> result;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    Golden golden;
    words >> golden.function >> golden.seed;
    std::string word;
    while (words >> word && word != ":") golden.arguments.push_back(word);
    while (words >> word) golden.values.push_back(word);
    result.push_back(golden);
  }
  return result;
}

std::string name_of(const Golden& golden) {
  std::string name = golden.function + ' ' + std::to_string(golden.seed);
  for (const std::string& argument : golden.arguments) name += ' ' + argument;
  return name;
}

using NumpyDraw = std::function<double(NumpyLegacyStream&, const Golden&)>;

const std::map<std::string, NumpyDraw>& numpy_draws() {
  static const std::map<std::string, NumpyDraw> draws{
      {"uniform", [](NumpyLegacyStream& s, const Golden&) { return s.uniform(); }},
      {"exponential", [](NumpyLegacyStream& s, const Golden&) { return s.exponential(); }},
      {"gauss", [](NumpyLegacyStream& s, const Golden&) { return s.gauss(); }},
      {"gamma", [](NumpyLegacyStream& s, const Golden& g) { return s.gamma(g.real(0)); }},
      {"beta", [](NumpyLegacyStream& s, const Golden& g) { return s.beta(g.real(0), g.real(1)); }},
  };
  return draws;
}

using PythonDraw = std::function<std::int64_t(PythonStream&, const Golden&)>;

const std::map<std::string, PythonDraw>& python_draws() {
  static const std::map<std::string, PythonDraw> draws{
      {"getrandbits",
       [](PythonStream& s, const Golden& g) {
         return std::int64_t{s.getrandbits(static_cast<int>(g.integer(0)))};
       }},
      {"randint",
       [](PythonStream& s, const Golden& g) { return s.randint(g.integer(0), g.integer(1)); }},
      {"getrandbits_xor",
       [](PythonStream& s, const Golden& g) {
         std::int64_t all = 0;
         for (std::int64_t i = 0; i < g.integer(1); ++i) {
           all ^= s.getrandbits(static_cast<int>(g.integer(0)));
         }
         return all;
       }},
  };
  return draws;
}

TEST(NumpyLegacyStream, EveryBitIsNumpys) {
  std::map<std::string, int> seen;
  for (const Golden& golden : goldens()) {
    const auto draw = numpy_draws().find(golden.function);
    if (draw == numpy_draws().end()) continue;
    NumpyLegacyStream stream(static_cast<std::uint32_t>(golden.seed));
    for (std::size_t i = 0; i < golden.values.size(); ++i) {
      const double expected = std::strtod(golden.values[i].c_str(), nullptr);
      const double drawn = draw->second(stream, golden);
      EXPECT_EQ(std::bit_cast<std::uint64_t>(drawn), std::bit_cast<std::uint64_t>(expected))
          << name_of(golden) << ", value " << i << ": " << drawn << " for " << expected;
      ++seen[golden.function];
    }
  }
  const std::map<std::string, int> all{
      {"uniform", 24}, {"exponential", 24}, {"gauss", 27}, {"gamma", 252}, {"beta", 324}};
  EXPECT_EQ(seen, all);
}

TEST(NumpyLegacyStream, GaussKeepsItsSecondDeviateAcrossOtherCalls) {
  NumpyLegacyStream paired(26214);
  paired.gauss();
  const double kept = paired.gauss();

  NumpyLegacyStream interrupted(26214);
  interrupted.gauss();
  interrupted.uniform();
  EXPECT_EQ(interrupted.gauss(), kept);
}

TEST(PythonStream, EveryValueIsPythons) {
  std::map<std::string, int> seen;
  for (const Golden& golden : goldens()) {
    const auto draw = python_draws().find(golden.function);
    if (draw == python_draws().end()) continue;
    PythonStream stream(golden.seed);
    for (std::size_t i = 0; i < golden.values.size(); ++i) {
      EXPECT_EQ(draw->second(stream, golden), std::stoll(golden.values[i]))
          << name_of(golden) << ", value " << i;
      ++seen[golden.function];
    }
  }
  const std::map<std::string, int> all{
      {"getrandbits", 240}, {"randint", 300}, {"getrandbits_xor", 1}};
  EXPECT_EQ(seen, all);
}

TEST(PythonStream, RandintTakesTheWidestEnds) {
  constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
  PythonStream stream(1);
  EXPECT_EQ(stream.randint(kLowest, kLowest), kLowest);
  EXPECT_EQ(stream.randint(kHighest, kHighest), kHighest);
  EXPECT_THROW(stream.randint(kLowest, kHighest), std::invalid_argument);
}

TEST(PythonStream, RefusesRangesItCannotDraw) {
  PythonStream stream(1);
  EXPECT_THROW(stream.randint(1, 0), std::invalid_argument);
  EXPECT_THROW(stream.randint(0, 0xFFFFFFFFLL), std::invalid_argument);
  EXPECT_THROW(stream.getrandbits(0), std::invalid_argument);
  EXPECT_THROW(stream.getrandbits(33), std::invalid_argument);
}

}  // namespace
}  // namespace mhabench
