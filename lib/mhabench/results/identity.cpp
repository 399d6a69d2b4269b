#include "mhabench/results/identity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <unordered_map>

#include "mhabench/base/text.h"

namespace mhabench {
namespace {

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

std::optional<std::string> context_of(const BenchmarkFile& file, const std::string& key) {
  const auto found = file.context.find(key);
  return found == file.context.end() ? std::nullopt : std::optional(found->second);
}

// As a number of a row, a large seed is the nearest double; a file of several runs' rows has one
// context.
std::optional<std::string> seed_of(const BenchmarkFile& file, const FileRow& row) {
  const std::optional<double> seed = row.number("seed");
  std::optional<std::string> exact = context_of(file, "seed");
  if (!seed) return exact;
  if (exact && (!row.aggregate.empty() || number_of<double>(*exact) == seed)) return exact;
  return number_text(*seed);
}

bool tells_of_a_row(const FileRow& row) {
  return row.aggregate.empty() || row.aggregate == "median" || row.aggregate == "mean";
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

}  // namespace

Identity identity_of(const BenchmarkFile& file, const FileRow& row) {
  Identity identity;
  if (!tells_of_a_row(row)) return identity;
  const auto add = [&](const char* key, const std::optional<std::string>& value) {
    if (value) identity.emplace_back(key, *value);
  };
  const std::optional<std::string> gpu = context_of(file, "gpu_name");
  const bool on_cpu = !gpu && row.string("device").starts_with("cpu");
  add("gpu_name", on_cpu ? std::optional<std::string>("none") : gpu);
  if (on_cpu) add("threads", context_of(file, "threads"));
  add("seed", seed_of(file, row));
  for (const char* const key : {"tokens", "sum_len_sq", "lengths_crc"}) {
    if (const auto value = row.number(key)) identity.emplace_back(key, number_text(*value));
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

std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& files) {
  return Seen().add(files);
}

std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& base,
                                            const std::vector<BenchmarkFile>& next) {
  Seen seen;
  if (auto difference = seen.add(base)) return difference;
  return seen.add(next);
}

}  // namespace mhabench
