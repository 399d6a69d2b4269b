#include "bench/cli/filter.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench::bench {
namespace {

// libstdc++ compiles an expression by recursion, into it for parentheses and along it for what
// follows each other, and 60,000 of either end it in a segfault.
constexpr int kMaxNesting = 200;
// Some forty whole names.
constexpr std::size_t kMaxLength = 4096;
// Each character of a name costs a step of every part of the expression that is still possible, and
// a few characters of nested counts are thousands of parts.
constexpr std::size_t kMaxCopied = 100;

// What an expression takes to compile: its parentheses' depth, and the characters that counts in
// braces add once they are written out. Brackets are not told apart, for nobody needs so much of
// them either.
class Extent {
 public:
  explicit Extent(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size() && copied_ <= kMaxCopied; ++i) {
      const char c = pattern[i];
      if (c == '(') {
        open();
      } else if (c == ')') {
        close();
      } else if (c == '{') {
        const std::size_t end =
            std::min(pattern.find_first_not_of("0123456789,", i + 1), pattern.size());
        repeat(highest_of(pattern.substr(i + 1, end - i - 1)));
        i = end < pattern.size() && pattern[end] == '}' ? end : end - 1;
      } else {
        if (c == '\\') ++i;
        sizes_.back() += last_ = 1;
      }
    }
  }

  int depth() const { return deepest_; }

  std::size_t copied() const { return copied_; }

 private:
  void open() {
    sizes_.push_back(0);
    deepest_ = std::max(deepest_, static_cast<int>(sizes_.size()) - 1);
  }

  void close() {
    last_ = sizes_.back();
    if (sizes_.size() == 1) return;
    sizes_.pop_back();
    sizes_.back() += last_;
  }

  // Of an empty group too: the library reads counts into a long, past its end where they are
  // longer.
  void repeat(std::size_t count) {
    if (count <= 1) return;
    const std::size_t more = std::min(count - 1, kMaxCopied + 1) * std::max<std::size_t>(last_, 1);
    sizes_.back() += more;
    last_ += more;
    copied_ += more;
  }

  // 3 of "2,3", 2 of "2,"; the most there is of more digits than fit.
  static std::size_t highest_of(std::string_view count) {
    std::size_t highest = 0;
    for (const std::string_view bound : split(count, ',')) {
      constexpr auto kMost = std::numeric_limits<std::size_t>::max();
      if (!bound.empty())
        highest = std::max(highest, number_of<std::size_t>(bound).value_or(kMost));
    }
    return highest;
  }

  std::vector<std::size_t> sizes_{0};  // of the groups that are open
  std::size_t last_ = 0;               // what a count stands behind
  std::size_t copied_ = 0;
  int deepest_ = 0;
};

bool has_balanced_parentheses(std::string_view pattern) {
  int depth = 0;
  for (const char c : pattern) {
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return false;
  }
  return depth == 0;
}

std::string quoted(std::string_view pattern) {
  constexpr std::size_t kShown = 200;
  return "'" + std::string(pattern.substr(0, kShown)) + (pattern.size() > kShown ? "...'" : "'");
}

// In words of our own, for what() differs between versions of the standard library.
std::string reason_of(const std::regex_error& error, std::string_view pattern) {
  namespace rc = std::regex_constants;
  const rc::error_type code = error.code();
  // libstdc++ says the same of "(" and of "*fast", where nothing stands before the '*'.
  if (code == rc::error_badrepeat ||
      (code == rc::error_paren && has_balanced_parentheses(pattern))) {
    return "nothing stands before a '*', '+' or '?' (any text is '.*')";
  }
  if (code == rc::error_paren) return "unbalanced parentheses";
  if (code == rc::error_brack) return "unbalanced brackets";
  if (code == rc::error_brace || code == rc::error_badbrace) return "a malformed count in braces";
  if (code == rc::error_escape) return "an unknown escape";
  if (code == rc::error_range) return "a malformed range in brackets";
  // Which of the two an unknown class is depends on the library's version.
  if (code == rc::error_ctype || code == rc::error_collate) return "an unknown class of characters";
  return "too complex";
}

void check_extent(std::string_view pattern) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(quoted(pattern) + " is not taken as a regular expression: " + why);
  };
  if (pattern.size() > kMaxLength) {
    refuse("longer than " + std::to_string(kMaxLength) + " characters");
  }
  const Extent extent(pattern);
  if (extent.copied() > kMaxCopied) {
    refuse("its counts stand for more than " + std::to_string(kMaxCopied) + " characters");
  }
  if (extent.depth() > kMaxNesting) {
    refuse("nested more than " + std::to_string(kMaxNesting) + " deep");
  }
}

// libstdc++'s search by backtracking takes time exponential in a name's length for "(.*.*)*x", and
// recurses once a character. Its other one follows all ways at once; it starts anew at each
// character, which the ".*" spares it.
std::regex compiled(const std::string& pattern) {
  constexpr auto kGrammar = std::regex::extended | std::regex::nosubs;
  check_extent(pattern);
  try {
    const std::regex whole(pattern, kGrammar);  // "a)(b" is none, and is one between parentheses
    return std::regex(".*(" + pattern + ')', kGrammar | std::regex_constants::__polynomial);
  } catch (const std::regex_error& error) {
    throw InputError(quoted(pattern) +
                     " is not a regular expression: " + reason_of(error, pattern));
  }
}

}  // namespace

RowFilter::RowFilter(std::string_view pattern)
    : keeps_all_(pattern.empty() || pattern == "all" || pattern == "."),
      negated_(pattern.starts_with('-')),
      regex_(compiled(std::string(negated_ ? pattern.substr(1) : pattern))) {}

bool RowFilter::matches(const std::string& name) const {
  constexpr auto kAtStart = std::regex_constants::match_continuous;
  return keeps_all_ || std::regex_search(name, regex_, kAtStart) != negated_;
}

}  // namespace mhabench::bench
