#pragma once

#include <regex>
#include <string>
#include <string_view>

namespace mhabench::bench {

/// Which rows to run, by Google Benchmark's rules for --benchmark_filter: a POSIX extended regular
/// expression that is searched for anywhere in a row's full name (the suffix "/manual_time"
/// included); a leading '-' keeps the rows without a match; "", "all" and "." keep all. Whatever
/// the expression is, the time a name takes goes with its length times the expression's size.
class RowFilter {
 public:
  /// Throws InputError that quotes the expression and says what is wrong with it. One of more than
  /// 4096 characters, 200 nested parentheses or 100 characters that counts in braces repeat is
  /// refused too.
  explicit RowFilter(std::string_view pattern);

  bool matches(const std::string& name) const;

 private:
  bool keeps_all_;
  bool negated_;
  std::regex regex_;
};

}  // namespace mhabench::bench
