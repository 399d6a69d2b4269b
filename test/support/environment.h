#pragma once

#include <stdlib.h>
#include <string>
#include <utility>
#include <vector>

extern char** environ;

namespace mhabench::test {

/// The process's environment without any BENCHMARK_* variable but those that the test sets; as it
/// was when the test ends.
class BenchmarkVariables {
 public:
  BenchmarkVariables() : kept_(present()) { clear(); }
  BenchmarkVariables(const BenchmarkVariables&) = delete;
  BenchmarkVariables& operator=(const BenchmarkVariables&) = delete;
  ~BenchmarkVariables() {
    clear();
    for (const auto& [name, value] : kept_) set(name, value);
  }

  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  static Variables present() {
    Variables variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string text = *entry;
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || !text.starts_with("BENCHMARK_")) continue;
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
  }

  static void clear() {
    for (const auto& [name, value] : present()) ::unsetenv(name.c_str());
  }

  Variables kept_;
};

}  // namespace mhabench::test
