#include "mhabench/results/benchmark_file.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "mhabench/base/json_text.h"
#include "mhabench/base/text.h"
#include "mhabench/base/text_file.h"
#include "mhabench/config/names.h"
#include "mhabench/results/row_json.h"

namespace mhabench {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const std::string& file, const std::string& problem) {
  throw InputError(one_line("'" + file + "': " + problem));
}

// The bytes of the number that is none at `at`: NaN, Infinity or -Infinity; 0 elsewhere.
std::size_t no_number_at(std::string_view text, std::size_t at) {
  for (const std::string_view word : {"NaN", "-NaN", "Infinity", "-Infinity"}) {
    if (text.substr(at, word.size()) == word) return word.size();
  }
  return 0;
}

// Google Benchmark writes them so; null is what strict readers take.
std::string with_nulls_for_no_numbers(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\' && at + 1 < text.size()) {
      result += c;
      result += text[++at];
      continue;
    }
    if (c == '"') in_string = !in_string;
    const std::size_t bytes =
        !in_string && (c == 'N' || c == 'I' || c == '-') ? no_number_at(text, at) : 0;
    if (bytes == 0) {
      result += c;
    } else {
      result += "null";
      at += bytes - 1;
    }
  }
  return result;
}

constexpr const char* kLengths = "lengths";

// A field's text, in the words of today.
std::string current(const std::string& key, const Json& value) {
  const auto text = value.get<std::string>();
  return key == kLengths ? current_lengths_name(text) : text;
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
    const double repetition = number("repetition_index").value_or(0);
    constexpr double kMostRepetitions = 1e9;
    row.repetition =
        repetition >= 0 && repetition < kMostRepetitions ? static_cast<int>(repetition) : 0;
    read_status(row);
    if (row.status == RowStatus::measured) read_time(row);
    read_others(row);
    return row;
  }

 private:
  const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  [[noreturn]] void wrong_type(const char* key, const char* wanted) const {
    throw InputError("'" + std::string(key) + "' is " + json_.at(key).type_name() + ", not " +
                     wanted);
  }

  std::string text(const char* key, std::string otherwise = {}) const {
    const Json* const value = find(key);
    if (value == nullptr) return otherwise;
    if (!value->is_string()) wrong_type(key, "a string");
    return value->get<std::string>();
  }

  std::optional<double> number(const char* key) const {
    const Json* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) wrong_type(key, "a number");
    return value->get<double>();
  }

  bool truth(const char* key) const {
    const Json* const value = find(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) wrong_type(key, "true or false");
    return value->get<bool>();
  }

  void read_status(FileRow& row) const {
    if (find("skip_reason") != nullptr) {
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
    const std::optional<double> time = number("real_time");
    if (is_share() || (!row.aggregate.empty() && !time)) return;
    if (row.aggregate.empty() && (!time || !(*time > 0))) {
      row.status = RowStatus::failed;
      row.message = "no real_time above 0";
      return;
    }
    const std::string unit = text("time_unit", "ns");
    const std::optional<double> us = us_per(unit);
    if (!us) throw InputError("time_unit '" + unit + "' is none of ns, us, ms, s");
    row.real_time_us = *time * *us;
    if (const std::optional<double> cpu = number("cpu_time")) row.cpu_time_us = *cpu * *us;
  }

  bool is_share() const { return text("aggregate_unit") == "percentage"; }

  void read_others(FileRow& row) const {
    for (const auto& [key, value] : json_.items()) {
      const bool is_time = key == "real_time" || key == "cpu_time";
      if (is_time && !is_share()) continue;
      if (value.is_number()) row.numbers.emplace_back(key, value.get<double>());
      if (value.is_string()) row.strings.emplace_back(key, current(key, value));
    }
  }

  const Json& json_;
};

FileRow row_of(const Json& json, std::size_t index) {
  const std::string place = "entry " + std::to_string(index + 1) + " of 'benchmarks'";
  if (!json.is_object()) {
    throw InputError(place + " is " + json.type_name() + ", not an object");
  }
  const auto name = json.find("name");
  const bool named = name != json.end() && name->is_string();
  try {
    return RowReader(json).read();
  } catch (const InputError& error) {
    throw InputError(place + (named ? " ('" + name->get<std::string>() + "')" : "") + ": " +
                     error.what());
  }
}

void flatten(const Json& json, const std::string& prefix,
             std::map<std::string, std::string>& into) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      flatten(value, prefix + key + '.', into);
    } else if (value.is_string()) {
      into[prefix + key] = value.get<std::string>();
    } else {
      into[prefix + key] = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
  }
}

constexpr const char* kNot = ", so it is no results file of Google Benchmark";

// Takes rows out of the document as soon as each has been read, so that a large file is never held
// as a tree.
class Document {
 public:
  explicit Document(BenchmarkFile& file) : file_(file) {}

  void parse(std::string_view text) {
    const auto take = [this](int depth, Json::parse_event_t event, Json& parsed) {
      return step(depth, event, parsed);
    };
    const Json root = parse_json<Json>(text, take);
    if (!root.is_object()) throw InputError("holds " + std::string(root.type_name()) + kNot);
    const auto context = root.find("context");
    if (context == root.end() || !context->is_object() || !seen_rows_) {
      throw InputError(std::string("has no 'context' and 'benchmarks'") + kNot);
    }
    if (const auto rows = root.find("benchmarks"); !rows->is_array()) {
      throw InputError("'benchmarks' is " + std::string(rows->type_name()) + ", not an array");
    }
    flatten(*context, "", file_.context);
    const auto lengths = file_.context.find(kLengths);
    if (lengths != file_.context.end()) lengths->second = current_lengths_name(lengths->second);
  }

 private:
  bool step(int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::key && depth == 1) {
      in_rows_ = parsed.get_ref<const std::string&>() == "benchmarks";
      seen_rows_ |= in_rows_;
    }
    const bool ends_entry =
        event == Event::object_end || event == Event::array_end || event == Event::value;
    if (!in_rows_ || depth != 2 || !ends_entry) return true;
    file_.rows.push_back(row_of(parsed, file_.rows.size()));
    return false;
  }

  BenchmarkFile& file_;
  bool in_rows_ = false;
  bool seen_rows_ = false;
};

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

BenchmarkFile parse_benchmark_file(std::string_view text, std::string name) {
  BenchmarkFile file;
  file.name = std::move(name);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) fail(file.name, "is empty");
  if (text.starts_with("\x1f\x8b"))
    fail(file.name, "is compressed; gunzip gives what is read here");
  try {
    Document(file).parse(with_nulls_for_no_numbers(text));
  } catch (const InputError& error) {
    fail(file.name, error.what());
  }
  if (file.rows.empty()) fail(file.name, "holds no rows: 'benchmarks' is empty");
  return file;
}

BenchmarkFile read_benchmark_file(const std::filesystem::path& path) {
  std::string text;
  try {
    text = read_text(path, kMostJsonBytes);
  } catch (const InputError& error) {
    fail(path.string(), error.what());
  }
  return parse_benchmark_file(text, path.string());
}

}  // namespace mhabench
