#include "mhabench/results/benchmark_file.h"

#include <algorithm>
#include <cstddef>

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/base/text.h"
#include "mhabench/base/text_file.h"
#include "mhabench/config/names.h"
#include "mhabench/results/results_json.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

// A field's text, in the words of today.
std::string current(const std::string& key, const std::string& text) {
  return key == "lengths" ? current_lengths_name(text) : text;
}

// One entry of "benchmarks", its fields taken by name and type.
class RowReader {
 public:
  explicit RowReader(const Json& json) : json_(json) {}

  FileRow read() const {
    FileRow row;
    const std::string name = text("name");
    row.name = current_row_name(text("run_name", name), text("lengths"));
    if (row.name.empty()) throw InputError("has no 'name'");
    row.aggregate = text("aggregate_name");
    if (row.aggregate.empty() && text("run_type") == "aggregate") row.aggregate = "unknown";
    // Newer versions count them from 0; older ones left it out.
    const double repetition = member<double>(json_, "repetition_index").value_or(0);
    constexpr double kMostRepetitions = 1e9;
    row.repetition =
        repetition >= 0 && repetition < kMostRepetitions ? static_cast<int>(repetition) : 0;
    read_status(row);
    if (row.status == RowStatus::measured) read_time(row);
    read_others(row);
    return row;
  }

 private:
  std::string text(const char* key, std::string otherwise = {}) const {
    return member<std::string>(json_, key).value_or(std::move(otherwise));
  }

  bool truth(const char* key) const { return member<bool>(json_, key).value_or(false); }

  void read_status(FileRow& row) const {
    if (find_member(json_, "skip_reason") != nullptr) {
      row.status = RowStatus::skipped;
      row.message = text("skip_reason");
    } else if (truth("error_occurred")) {
      row.status = RowStatus::failed;
      row.message = text("error_message");
    } else if (truth("skipped")) {
      row.status = RowStatus::skipped;
      row.message = text("skip_message");
    }
  }

  // A coefficient of variation is no time, and fits of complexity have none.
  void read_time(FileRow& row) const {
    const std::optional<double> time = member<double>(json_, "real_time");
    if (is_share() || (!row.aggregate.empty() && !time)) return;
    if (row.aggregate.empty() && (!time || !(*time > 0))) {
      row.status = RowStatus::failed;
      row.message = "no real_time above 0";
      return;
    }
    const double factor = us_per(text("time_unit", "ns"));
    row.real_time_us = *time * factor;
    if (const auto cpu = member<double>(json_, "cpu_time")) row.cpu_time_us = *cpu * factor;
  }

  bool is_share() const { return text("aggregate_unit") == "percentage"; }

  void read_others(FileRow& row) const {
    for (const auto& [key, value] : json_.items()) {
      const bool is_time = key == "real_time" || key == "cpu_time";
      if (is_time && !is_share()) continue;
      if (value.is_number()) row.numbers.emplace_back(key, value.get<double>());
      if (value.is_string()) row.strings.emplace_back(key, current(key, value));
    }
    std::ranges::sort(row.numbers);
    std::ranges::sort(row.strings);
  }

  const Json& json_;
};

FileRow row_of(const Json& json, std::size_t index) {
  try {
    return RowReader(json).read();
  } catch (const InputError& error) {
    const auto name = json.find("name");
    const bool named = name != json.end() && name->is_string();
    throw InputError("entry " + std::to_string(index + 1) + " of 'benchmarks'" +
                     (named ? " ('" + name->get<std::string>() + "')" : "") + ": " + error.what());
  }
}

BenchmarkFile file_of(const Json& json, std::string name) {
  check_results(json);
  BenchmarkFile file{std::move(name), context_texts(json["context"]), {}};
  for (const Json& row : json["benchmarks"]) file.rows.push_back(row_of(row, file.rows.size()));
  if (file.rows.empty()) throw InputError("holds no rows: 'benchmarks' is empty");
  return file;
}

}  // namespace

std::optional<double> FileRow::number(std::string_view key) const {
  const auto found = std::ranges::find(numbers, key, &std::pair<std::string, double>::first);
  return found == numbers.end() ? std::nullopt : std::optional(found->second);
}

std::string_view FileRow::string(std::string_view key) const {
  const auto found = std::ranges::find(strings, key, &std::pair<std::string, std::string>::first);
  return found == strings.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view FileRow::path() const {
  if (const std::string_view told = string("path"); !told.empty()) return told;
  const std::vector<std::string_view> parts = split(name, '/');
  return parts.front() == "MHA" && parts.size() > 1 ? parts[1] : parts.front();
}

std::string BenchmarkFile::told(const std::string& key) const {
  const auto found = context.find(key);
  return found == context.end() ? "" : found->second;
}

BenchmarkFile parse_benchmark_file(std::string_view text, std::string name) {
  return in_file(name, [&] { return file_of(parse_json(text), name); });
}

BenchmarkFile read_benchmark_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  return in_file(name, [&] { return file_of(read_json(path), name); });
}

}  // namespace mhabench
