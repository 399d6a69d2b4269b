#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mhabench::fuzz {

/// What reads text from outside, fed with any bytes. Each returns where they are refused as they
/// should be (an InputError of one line) or taken and what came of it holds together. It throws
/// Finding otherwise, lets any other exception pass, or crashes.
struct Target {
  const char* name;  ///< also of its folder in corpus/
  void (*run)(std::string_view input);
};

struct Finding : std::logic_error {
  using std::logic_error::logic_error;
};

void lengths_file(std::string_view input);
void shard_file(std::string_view input);
void journal(std::string_view input);
void report(std::string_view input);

/// A new target is declared above and stands here, in CMakeLists.txt and as <name>.cpp.
inline const std::vector<Target>& targets() {
  static const std::vector<Target> all{{"journal", journal},
                                       {"lengths_file", lengths_file},
                                       {"report", report},
                                       {"shard_file", shard_file}};
  return all;
}

inline void require(bool holds, const std::string& what) {
  if (!holds) throw Finding(what);
}

/// Of the message of an InputError.
inline void require_one_line(std::string_view message) {
  require(!message.empty(), "an empty message");
  for (const char c : message) {
    require(c < 0 || (c >= ' ' && c != '\x7f'), "a message with a control character");
  }
}

}  // namespace mhabench::fuzz
