#include "bench/cli/filter.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "mhabench/base/error.h"

namespace mhabench::bench {
namespace {

// The C library recurses into each; some ten thousand overflow the stack.
constexpr int kMaxNesting = 200;

[[noreturn]] void refuse(std::string_view pattern, std::string_view why) {
  constexpr std::size_t kShown = 200;
  throw InputError("'" + std::string(pattern.substr(0, kShown)) +
                   (pattern.size() > kShown ? "...'" : "'") +
                   " is not a regular expression: " + std::string(why));
}

// Of the bracket expression that opens at `open`: its ']', or the end.
std::size_t end_of_brackets(std::string_view pattern, std::size_t open) {
  const bool excludes = pattern.substr(open + 1).starts_with('^');
  return std::min(pattern.find(']', open + (excludes ? 3 : 2)), pattern.size());
}

// What the C library takes and means otherwise: \d is a 'd', \1 a back reference that may take
// exponential time, and a ')' too many is a character.
void check_syntax(std::string_view pattern) {
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && ++i < pattern.size() && std::isalnum(static_cast<unsigned char>(pattern[i]))) {
      refuse(pattern, "unknown escape '\\" + std::string(1, pattern[i]) + "'");
    }
    if (c == '[') i = end_of_brackets(pattern, i);
    if (c == '(' && ++depth > kMaxNesting) {
      refuse(pattern, "nested more than " + std::to_string(kMaxNesting) + " deep");
    }
    if (c == ')' && --depth < 0) refuse(pattern, "unbalanced parentheses");
  }
}

}  // namespace

void RowFilter::Free::operator()(regex_t* regex) const {
  ::regfree(regex);
  delete regex;
}

RowFilter::RowFilter(std::string_view pattern) : negated_(pattern.starts_with('-')) {
  if (pattern.empty() || pattern == "all" || pattern == ".") return;
  const std::string searched(pattern.substr(negated_ ? 1 : 0));
  check_syntax(searched);
  auto compiled = std::make_unique<regex_t>();
  const int error = ::regcomp(compiled.get(), searched.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error != 0) {
    std::array<char, 256> reason{};
    ::regerror(error, compiled.get(), reason.data(), reason.size());
    refuse(searched, reason.data());
  }
  regex_.reset(compiled.release());
}

bool RowFilter::matches(const std::string& name) const {
  if (!regex_) return true;
  const bool found = ::regexec(regex_.get(), name.c_str(), 0, nullptr, 0) == 0;
  return found != negated_;
}

}  // namespace mhabench::bench
