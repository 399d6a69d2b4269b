#include "mhabench/results/long_format.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/base/text.h"
#include "mhabench/results/comparability.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;
using Metric = std::pair<std::string, double>;

constexpr std::string_view kStrings[] = {"dtype", "device", "lengths", "backend"};
constexpr std::string_view kAxes[] = {"batch", "seq_len", "embed_dim", "heads", "beta"};
// Numbers that say what a row is, or how it was run, and not what was found.
constexpr std::string_view kNoMetrics[] = {
    "batch",      "seq_len",      "embed_dim",
    "heads",      "beta",         "head_dim",
    "seed",       "family_index", "per_family_instance_index",
    "threads",    "repetitions",  "repetition_index",
    "lengths_crc"};

std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted + '"';
}

std::string_view name_of(RowStatus status) {
  switch (status) {
    case RowStatus::skipped:
      return "skipped";
    case RowStatus::failed:
      return "failed";
    default:
      return "measured";
  }
}

std::vector<Metric> metrics_of(const FileRow& row) {
  if (row.status != RowStatus::measured) return {{std::string(name_of(row.status)), 1}};
  std::vector<Metric> metrics;
  if (row.real_time_us) metrics.emplace_back("real_time", *row.real_time_us);
  if (row.cpu_time_us) metrics.emplace_back("cpu_time", *row.cpu_time_us);
  for (const Metric& number : row.numbers) {
    if (std::ranges::find(kNoMetrics, number.first) == std::end(kNoMetrics)) {
      metrics.push_back(number);
    }
  }
  return metrics;
}

std::string headings() {
  std::string line = "file,name,path";
  for (const std::string_view key : kStrings) line += "," + std::string(key);
  for (const std::string_view key : kAxes) line += "," + std::string(key);
  return line + ",repetition,aggregate,status,message,metric,value\n";
}

std::string line_start(const std::string& file, const FileRow& row) {
  std::string line = field(file) + ',' + field(row.name) + ',' + field(row.path());
  for (const std::string_view key : kStrings) line += ',' + field(row.string(key));
  for (const std::string_view key : kAxes) {
    const std::optional<double> value = row.number(key);
    line += ',' + (value ? shortest(*value) : "");
  }
  return line + ',' + std::to_string(row.repetition) + ',' + field(row.aggregate) + ',' +
         std::string(name_of(row.status)) + ',' + field(row.message) + ',';
}

// Without Google Benchmark's suffix.
std::string bare_name(std::string name) {
  constexpr std::string_view kSuffix = "/manual_time";
  if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
  return name;
}

Json benchmark_json(const FileRow& row) {
  Json extra = Json::object();
  for (const std::string_view key : {"device", "lengths"}) {
    if (!row.string(key).empty()) extra[std::string(key)] = row.string(key);
  }
  return {{"name", "mhabench"},
          {"mode", "inference"},
          {"dtype", row.string("dtype")},
          {"extra_info", extra}};
}

// What is measured, told by its axes; values of extra_info are strings there.
Json model_json(const FileRow& row) {
  Json extra = Json::object();
  if (!row.string("backend").empty()) extra["backend"] = row.string("backend");
  for (const std::string_view key : kAxes) {
    if (const std::optional<double> value = row.number(key)) {
      extra[std::string(key)] = shortest(*value);
    }
  }
  return {{"name", bare_name(row.name)},
          {"type", "attention layer"},
          {"backend", row.path()},
          {"extra_info", extra}};
}

Json metric_json(const std::string& name) {
  const bool is_time = name.find("_us") != std::string::npos || name.ends_with("_time");
  Json extra = Json::object();
  if (is_time) extra["unit"] = "us";
  return {{"name", name}, {"benchmark_values", Json::array()}, {"extra_info", extra}};
}

Json runners_json(const BenchmarkFile& file) {
  Json runner;
  const std::string gpu = file.told("gpu_name");
  const std::string cpu = file.told("cpu_model");
  runner["name"] = file.told("host_name");
  runner["type"] = gpu.empty() ? cpu : gpu;
  runner["cpu_info"] = cpu;
  if (!gpu.empty()) {
    runner["gpu_info"] = gpu;
    runner["gpu_count"] = 1;
  }
  return Json::array({runner});
}

Json dependencies_json(const BenchmarkFile& file) {
  constexpr std::pair<const char*, const char*> kVersions[] = {
      {"torch", "torch_version"}, {"cuda", "cuda_version"},     {"cublas", "cublas_version"},
      {"cudnn", "cudnn_version"}, {"driver", "driver_version"}, {"mhabench", "mhabench_version"}};
  Json dependencies = Json::object();
  for (const auto& [name, key] : kVersions) {
    const std::string version = file.told(key);
    if (!version.empty()) dependencies[name]["version"] = version;
  }
  const std::string revision = file.told("mhabench_revision");
  if (!revision.empty()) dependencies["mhabench"]["sha"] = revision;
  return dependencies;
}

// Records in the order of their first values.
class Records {
 public:
  void add(const BenchmarkFile& file) {
    for (const FileRow& row : file.rows) {
      if (row.status != RowStatus::measured || !row.aggregate.empty()) continue;
      for (const auto& [metric, value] : metrics_of(row)) {
        record(file, row, metric)["metric"]["benchmark_values"].push_back(value);
      }
    }
  }

  std::string text() const { return dumped(list_, 1); }

 private:
  Json& record(const BenchmarkFile& file, const FileRow& row, const std::string& metric) {
    const auto [found, is_new] = index_.try_emplace(row.name + '\n' + metric, list_.size());
    if (is_new) {
      list_.push_back({{"benchmark", benchmark_json(row)},
                       {"model", model_json(row)},
                       {"metric", metric_json(metric)},
                       {"runners", runners_json(file)},
                       {"dependencies", dependencies_json(file)}});
    }
    return list_[found->second];
  }

  Json list_ = Json::array();
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace

std::string long_csv(const std::vector<BenchmarkFile>& files) {
  std::string text = headings();
  for (const BenchmarkFile& file : files) {
    for (const FileRow& row : file.rows) {
      const std::string start = line_start(file.name, row);
      for (const auto& [metric, value] : metrics_of(row)) {
        text += start + field(metric) + ',' + shortest(value) + '\n';
      }
    }
  }
  return text;
}

std::string pytorch_records(const std::vector<BenchmarkFile>& files) {
  if (const auto difference = rows_of_two_kinds(files)) {
    throw InputError(one_line("not runs of one kind: " + text_of(*difference)));
  }
  Records records;
  for (const BenchmarkFile& file : files) records.add(file);
  return records.text() + '\n';
}

}  // namespace mhabench
