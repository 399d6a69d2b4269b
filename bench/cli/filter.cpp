#include "bench/cli/filter.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

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

// Of the bracket expression that opens at `open`: its ']', or the end. "[:alpha:]" and its like may
// stand inside.
std::size_t end_of_brackets(std::string_view pattern, std::size_t open) {
  const bool excludes = pattern.substr(open + 1).starts_with('^');
  for (std::size_t i = open + (excludes ? 3 : 2); i < pattern.size(); ++i) {
    if (pattern[i] == ']') return i;
    const std::string_view inside = pattern.substr(i - 1, 2);
    if (inside == "[:" || inside == "[." || inside == "[=") {
      const std::size_t end = pattern.find(std::string{inside[1], ']'}, i + 1);
      i = std::min(end, pattern.size() - 2) + 1;
    }
  }
  return pattern.size();
}

// The C library writes a counted part out as often as it may occur, and takes memory quadratic in
// the alternatives. Gigabytes are no filter.
void check_size(std::string_view pattern) {
  constexpr long kMostAlternatives = 5000;
  constexpr std::size_t kMostCopies = 255;
  if (std::ranges::count(pattern, '|') >= kMostAlternatives) {
    refuse(pattern, "more than " + std::to_string(kMostAlternatives) + " alternatives");
  }
  std::size_t copies = 1;
  for (std::size_t i = pattern.find('{'); i < pattern.size(); i = pattern.find('{', i + 1)) {
    const std::string_view count = pattern.substr(i + 1, pattern.find('}', i) - i - 1);
    std::size_t most = 1;
    for (const std::string_view bound : split(count, ',')) {
      constexpr std::size_t kTooMany = kMostCopies + 1;
      const bool is_bound = !bound.empty() && bound.find_first_not_of("0123456789") == bound.npos;
      if (is_bound)
        most = std::max(most, std::min(number_of<std::size_t>(bound).value_or(kTooMany), kTooMany));
    }
    copies *= most;
    if (copies > kMostCopies) {
      refuse(pattern, "counts that multiply to more than " + std::to_string(kMostCopies));
    }
  }
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
  check_size(searched);
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
