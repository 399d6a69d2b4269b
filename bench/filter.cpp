#include "bench/filter.h"

#include <algorithm>

#include "mhabench/config/error.h"

namespace mhabench::bench {
namespace {

// libstdc++ compiles an expression by recursion, and 60,000 parentheses end it in a segfault.
constexpr int kMaxNesting = 200;

// Escaped ones and those in brackets included: nobody needs so many of them either.
int nesting_of(std::string_view pattern) {
  int depth = 0;
  int deepest = 0;
  for (const char c : pattern) {
    if (c == '(') deepest = std::max(deepest, ++depth);
    if (c == ')') --depth;
  }
  return deepest;
}

bool has_balanced_parentheses(std::string_view pattern) {
  return std::ranges::count(pattern, '(') == std::ranges::count(pattern, ')');
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

std::regex compiled(const std::string& pattern) {
  if (nesting_of(pattern) > kMaxNesting) {
    throw InputError("'" + pattern + "' is not a regular expression: nested more than " +
                     std::to_string(kMaxNesting) + " deep");
  }
  try {
    return std::regex(pattern, std::regex::extended | std::regex::nosubs);
  } catch (const std::regex_error& error) {
    throw InputError("'" + pattern + "' is not a regular expression: " + reason_of(error, pattern));
  }
}

}  // namespace

RowFilter::RowFilter(std::string_view pattern)
    : keeps_all_(pattern.empty() || pattern == "all" || pattern == "."),
      negated_(pattern.starts_with('-')),
      regex_(compiled(std::string(negated_ ? pattern.substr(1) : pattern))) {}

bool RowFilter::matches(const std::string& name) const {
  return keeps_all_ || std::regex_search(name, regex_) != negated_;
}

}  // namespace mhabench::bench
