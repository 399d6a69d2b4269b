#include "mhabench/results/comparability.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "mhabench/config/error.h"
#include "mhabench/config/text.h"

namespace mhabench {
namespace {

constexpr std::string_view kRefusing[] = {"gpu_name", "grid.dtype", "lengths", "grid.lengths_file",
                                          "seed"};
constexpr std::string_view kTold[] = {"mhabench_version",
                                      "mhabench_revision",
                                      "torch_version",
                                      "cuda_version",
                                      "cublas_version",
                                      "cudnn_version",
                                      "driver_version",
                                      "gpu_uuid",
                                      "power_limit_watts",
                                      "cpu_model",
                                      "cpu_governor",
                                      "num_cpus",
                                      "host_name",
                                      "threads",
                                      "rounds",
                                      "allow_tf32_cublas",
                                      "allow_tf32_cudnn",
                                      "allow_fp16_reduction_cublas",
                                      "allow_bf16_reduction_cublas",
                                      "library_version",
                                      "library_build_type"};

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

using Lengths = std::pair<double, double>;

std::optional<Lengths> lengths_of(const FileRow& row) {
  const auto tokens = row.number("tokens");
  const auto squares = row.number("sum_len_sq");
  if (!tokens || !squares) return std::nullopt;
  return Lengths(*tokens, *squares);
}

std::string number_text(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string text_of(const Lengths& lengths) {
  return number_text(lengths.first) + " tokens (sum of squares " + number_text(lengths.second) +
         ")";
}

// The same name with other lengths: a lengths file that was edited, or another rule.
std::vector<Difference> lengths_of_rows(const std::vector<BenchmarkFile>& base,
                                        const std::vector<BenchmarkFile>& next) {
  std::unordered_map<std::string_view, Lengths> seen;
  for (const std::vector<BenchmarkFile>* side : {&base, &next}) {
    for (const BenchmarkFile& file : *side) {
      for (const FileRow& row : file.rows) {
        const std::optional<Lengths> lengths = lengths_of(row);
        if (!lengths || !row.aggregate.empty()) continue;
        const auto [found, is_new] = seen.try_emplace(row.name, *lengths);
        if (!is_new && found->second != *lengths) {
          return {{"lengths of " + row.name, text_of(found->second), text_of(*lengths)}};
        }
      }
    }
  }
  return {};
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
  for (const std::string_view key : kRefusing) {
    const std::vector<std::string> before = values_of(base, key);
    const std::vector<std::string> after = values_of(next, key);
    if (before.size() > 1 || before != after) {
      differences.push_back(difference_of(key, before, after));
    }
  }
  for (const Difference& rows : lengths_of_rows(base, next)) differences.push_back(rows);
  return differences;
}

std::vector<Difference> changed_context(const std::vector<BenchmarkFile>& base,
                                        const std::vector<BenchmarkFile>& next) {
  std::vector<Difference> differences;
  for (const std::string_view key : kTold) {
    const std::vector<std::string> before = values_of(base, key);
    const std::vector<std::string> after = values_of(next, key);
    const bool told =
        before != std::vector<std::string>{kNone} && after != std::vector<std::string>{kNone};
    if (told && before != after) differences.push_back(difference_of(key, before, after));
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
