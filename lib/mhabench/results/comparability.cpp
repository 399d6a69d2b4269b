#include "mhabench/results/comparability.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/results/context_keys.h"

namespace mhabench {
namespace {

constexpr std::string_view kSettings = "settings.";

constexpr const char* kNone = "none";

// All values of a key on one side; kNone where a file does not tell.
std::vector<std::string> values_of(const std::vector<BenchmarkFile>& files, std::string_view key) {
  std::set<std::string> values;
  for (const BenchmarkFile& file : files) {
    const auto found = file.context.find(std::string(key));
    values.insert(found == file.context.end() ? kNone : found->second);
  }
  return {values.begin(), values.end()};
}

// Of both sides: one that is at its default is not in its file.
std::set<std::string> settings_of(const std::vector<BenchmarkFile>& base,
                                  const std::vector<BenchmarkFile>& next) {
  std::set<std::string> keys;
  for (const std::vector<BenchmarkFile>* side : {&base, &next}) {
    for (const BenchmarkFile& file : *side) {
      for (const auto& [key, value] : file.context) {
        if (key.starts_with(kSettings)) keys.insert(key);
      }
    }
  }
  return keys;
}

Difference difference_of(std::string_view key, const std::vector<std::string>& base,
                         const std::vector<std::string>& next) {
  return {std::string(key), join(base, " and "), join(next, " and ")};
}

bool is_same_run(const BenchmarkFile& a, const BenchmarkFile& b) {
  const auto is_same = [](const FileRow& x, const FileRow& y) {
    return x.name == y.name && x.real_time_us == y.real_time_us && x.numbers == y.numbers;
  };
  return a.context == b.context && std::ranges::equal(a.rows, b.rows, is_same);
}

}  // namespace

std::vector<Difference> refusing_differences(const std::vector<BenchmarkFile>& base,
                                             const std::vector<BenchmarkFile>& next) {
  std::vector<Difference> differences;
  for (const ContextKey& key : context_keys()) {
    if (key.compared != Compared::refused) continue;
    const std::vector<std::string> before = values_of(base, key.name);
    const std::vector<std::string> after = values_of(next, key.name);
    if (before.size() > 1 || before != after) {
      differences.push_back(difference_of(key.name, before, after));
    }
  }
  // What differs in the files differs in each of their rows.
  if (!differences.empty()) return differences;
  if (auto rows = rows_of_two_kinds(base, next)) differences.push_back(std::move(*rows));
  return differences;
}

std::vector<Difference> changed_context(const std::vector<BenchmarkFile>& base,
                                        const std::vector<BenchmarkFile>& next) {
  std::vector<Difference> differences;
  for (const ContextKey& key : context_keys()) {
    if (key.compared != Compared::told) continue;
    const std::vector<std::string> before = values_of(base, key.name);
    const std::vector<std::string> after = values_of(next, key.name);
    const bool told =
        before != std::vector<std::string>{kNone} && after != std::vector<std::string>{kNone};
    if (told && before != after) differences.push_back(difference_of(key.name, before, after));
  }
  for (const std::string& key : settings_of(base, next)) {
    const std::vector<std::string> before = values_of(base, key);
    const std::vector<std::string> after = values_of(next, key);
    if (before != after) differences.push_back(difference_of(key, before, after));
  }
  return differences;
}

std::string text_of(const Difference& difference) {
  return difference.key + ": " + difference.base + " against " + difference.next;
}

void check_distinct(const std::vector<BenchmarkFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!is_same_run(files[i], files[j])) continue;
      const bool by_name = files[i].name == files[j].name;
      throw InputError(one_line(
          "'" + files[j].name + "'" +
          (by_name ? " is given twice" : " and '" + files[i].name + "' hold the same run") +
          ": one run is no two replicates"));
    }
  }
}

}  // namespace mhabench
