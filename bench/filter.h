#pragma once

#include <regex>
#include <string>
#include <string_view>

namespace mhabench::bench {

/// Which rows to run, by Google Benchmark's rules for --benchmark_filter: a POSIX extended regular
/// expression that is searched for anywhere in a row's full name (the suffix "/manual_time"
/// included); a leading '-' keeps the rows without a match; "", "all" and "." keep all.
class RowFilter {
 public:
  /// Throws InputError that quotes the expression and says what is wrong with it.
  explicit RowFilter(std::string_view pattern);

  bool matches(const std::string& name) const;

 private:
  bool keeps_all_;
  bool negated_;
  std::regex regex_;
};

}  // namespace mhabench::bench
