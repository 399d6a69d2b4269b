#pragma once

#include <memory>
#include <regex.h>
#include <string>
#include <string_view>

namespace mhabench::bench {

/// Which rows to run, by Google Benchmark's rules for --benchmark_filter: a POSIX extended regular
/// expression is searched for anywhere in a row's full name (the suffix "/manual_time" included); a
/// leading '-' keeps the rows without a match; "", "all" and "." keep all. The C library compiles
/// it, because std::regex recurses once a character and may overflow the stack.
class RowFilter {
 public:
  /// Throws InputError that quotes the expression and says what is wrong with it.
  explicit RowFilter(std::string_view pattern);

  bool matches(const std::string& name) const;

 private:
  struct Free {
    void operator()(regex_t* regex) const;
  };

  bool negated_;
  std::unique_ptr<regex_t, Free> regex_;  // null: keeps all
};

}  // namespace mhabench::bench
