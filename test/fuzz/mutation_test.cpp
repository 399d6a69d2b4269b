#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/targets.h"
#include "support/temp_dir.h"

namespace mhabench::fuzz {
namespace {

namespace fs = std::filesystem;

// A short walk around the corpus on each run of the tests, the same on each machine but for its
// length; libFuzzer, which follows coverage, takes the long ones.
constexpr auto kTime = std::chrono::milliseconds(700);
constexpr std::size_t kMaxSize = 1 << 16;

std::vector<std::string> corpus_of(const Target& target) {
  std::vector<fs::path> paths;
  const fs::path folder = fs::path(MHABENCH_TEST_DATA_DIR) / "fuzz/corpus" / target.name;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> corpus{""};
  for (const fs::path& path : paths) corpus.push_back(test::read_text(path));
  return corpus;
}

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {}

  std::string next() {
    std::string text = any_text();
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(text);
    if (text.size() > kMaxSize) text.resize(kMaxSize);
    return text;
  }

 private:
  // Of an engine whose numbers the standard fixes; its distributions are the library's own.
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : engine_() % limit; }

  const std::string& any_text() { return corpus_[below(corpus_.size())]; }

  char any_char() {
    constexpr std::string_view kTelling =
        "0123456789-+.eE:,/\\\"{}[]()=#*?|^$ \t\n\r\0\x1e\x7f\xff";
    return below(4) == 0 ? static_cast<char>(below(256)) : kTelling[below(kTelling.size())];
  }

  std::string any_piece() {
    const std::string& text = any_text();
    const std::size_t at = below(text.size());
    return text.substr(at, 1 + below(32));
  }

  void change(std::string& text) {
    static const std::vector<std::string> kTelling{
        "-1",   "0",    "2147483648", "9223372036854775808", "1e999", "NaN", "null",
        "[[[[", "true", "--"};
    const std::size_t at = below(text.size() + 1);
    switch (below(7)) {
      case 0:
        text.insert(at, 1, any_char());
        break;
      case 1:
        if (at < text.size()) text[at] = any_char();
        break;
      case 2:
        text.erase(at, 1 + below(16));
        break;
      case 3:
        text.insert(at, any_piece());
        break;
      case 4:
        text.insert(at, kTelling[below(kTelling.size())]);
        break;
      case 5:
        text.resize(at);
        break;
      default:
        text.insert(at, text.substr(below(text.size() + 1), 1 + below(64)));
    }
  }

  std::vector<std::string> corpus_;
  std::mt19937 engine_{26214};
};

// What went wrong with an input; "" where nothing did.
std::string complaint_of(const Target& target, const std::string& input) {
  try {
    target.run(input);
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

class Mutation : public ::testing::TestWithParam<Target> {};

TEST_P(Mutation, TheCorpusAndWhatIsNearItIsTakenOrRefused) {
  const Target& target = GetParam();
  const std::vector<std::string> corpus = corpus_of(target);
  ASSERT_GT(corpus.size(), 1U) << "no corpus";
  for (const std::string& input : corpus) ASSERT_EQ(complaint_of(target, input), "") << input;
  Mutator mutator(corpus);
  const auto end = std::chrono::steady_clock::now() + kTime;
  std::size_t count = 0;
  for (; std::chrono::steady_clock::now() < end; ++count) {
    const std::string input = mutator.next();
    ASSERT_EQ(complaint_of(target, input), "") << ::testing::PrintToString(input);
  }
  EXPECT_GT(count, 10U);
}

INSTANTIATE_TEST_SUITE_P(Targets, Mutation, ::testing::ValuesIn(targets()),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace mhabench::fuzz
