#include "mhabench/results/comparability.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

// What makes two rows of one name runs of the same thing.
using Identity = std::vector<std::pair<std::string, std::string>>;

// As a number of a row, a large seed is the nearest double; a file of several runs' rows has one
// context.
std::string seed_of(const BenchmarkFile& file, const FileRow& row) {
  const std::optional<double> seed = row.number("seed");
  const std::string exact = file.told("seed");
  if (!seed) return exact;
  const bool is_exact = !row.aggregate.empty() || number_of<double>(exact) == seed;
  return !exact.empty() && is_exact ? exact : shortest(*seed);
}

bool tells_of_a_row(const FileRow& row) {
  return row.aggregate.empty() || row.aggregate == "median" || row.aggregate == "mean";
}

// Of a median or mean, that of the repetitions it stands for; empty for other statistics, whose
// numbers are none of a row's.
Identity identity_of(const BenchmarkFile& file, const FileRow& row) {
  Identity identity;
  if (!tells_of_a_row(row)) return identity;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) identity.emplace_back(key, value);
  };
  const std::string gpu = file.told("gpu_name");
  const bool on_cpu = gpu.empty() && row.string("device").starts_with("cpu");
  add("gpu_name", on_cpu ? kNotTold : gpu);
  if (on_cpu) add("threads", file.told("threads"));
  add("seed", seed_of(file, row));
  for (const char* const key : {"tokens", "sum_len_sq", "lengths_crc"}) {
    if (const auto value = row.number(key)) identity.emplace_back(key, shortest(*value));
  }
  return identity;
}

std::optional<Difference> difference_of(const Identity& a, const Identity& b) {
  for (const auto& [key, value] : a) {
    const auto other = std::ranges::find(b, key, &Identity::value_type::first);
    if (other != b.end() && other->second != value) return Difference{key, value, other->second};
  }
  return std::nullopt;
}

// Keeps the first of each name.
class Seen {
 public:
  std::optional<Difference> add(const BenchmarkFile& file) {
    for (const FileRow& row : file.rows) {
      const Identity identity = identity_of(file, row);
      const auto [found, is_new] = seen_.try_emplace(row.name, identity);
      if (is_new) continue;
      if (auto difference = difference_of(found->second, identity)) {
        difference->key += " of " + row.name;
        return difference;
      }
      complete(found->second, identity);
    }
    return std::nullopt;
  }

  std::optional<Difference> add(const std::vector<BenchmarkFile>& files) {
    for (const BenchmarkFile& file : files) {
      if (auto difference = add(file)) return difference;
    }
    return std::nullopt;
  }

 private:
  static void complete(Identity& known, const Identity& more) {
    for (const auto& part : more) {
      const bool is_known =
          std::ranges::find(known, part.first, &Identity::value_type::first) != known.end();
      if (!is_known) known.push_back(part);
    }
  }

  std::unordered_map<std::string_view, Identity> seen_;
};

Contexts contexts_of(const std::vector<BenchmarkFile>& files) {
  Contexts contexts;
  for (const BenchmarkFile& file : files) contexts.push_back(&file.context);
  return contexts;
}

bool is_same_run(const BenchmarkFile& a, const BenchmarkFile& b) {
  const auto is_same = [](const FileRow& x, const FileRow& y) {
    return x.name == y.name && x.real_time_us == y.real_time_us && x.numbers == y.numbers;
  };
  return a.context == b.context && std::ranges::equal(a.rows, b.rows, is_same);
}

}  // namespace

std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& files) {
  return Seen().add(files);
}

std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& base,
                                            const std::vector<BenchmarkFile>& next) {
  Seen seen;
  if (auto difference = seen.add(base)) return difference;
  return seen.add(next);
}

std::vector<Difference> refusing_differences(const std::vector<BenchmarkFile>& base,
                                             const std::vector<BenchmarkFile>& next) {
  std::vector<Difference> found =
      differences(contexts_of(base), contexts_of(next),
                  [](const ContextKey& key) { return key.compared == Compared::refused; });
  // What differs in the files differs in each of their rows.
  if (!found.empty()) return found;
  if (auto rows = rows_of_two_kinds(base, next)) found.push_back(std::move(*rows));
  return found;
}

std::vector<Difference> changed_context(const std::vector<BenchmarkFile>& base,
                                        const std::vector<BenchmarkFile>& next) {
  std::vector<Difference> found =
      differences(contexts_of(base), contexts_of(next),
                  [](const ContextKey& key) { return key.compared == Compared::told; });
  std::erase_if(found, [](const Difference& one) {
    const bool one_is_silent = one.base == kNotTold || one.next == kNotTold;
    return one.base == one.next || (one_is_silent && !one.key.starts_with("settings."));
  });
  return found;
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
