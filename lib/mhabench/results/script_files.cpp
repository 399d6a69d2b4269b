#include "mhabench/results/script_files.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

#include "mhabench/base/text.h"
#include "mhabench/config/names.h"
#include "mhabench/results/layer_totals.h"

namespace mhabench {
namespace {

constexpr const char* kHeader =
    "dtype,batch_size,sequence_length,n_heads,embed_dim,time_native_mha_slow(\u00b5s),"
    "time_native_mha_fast (\u00b5s),speedup flash_mha v native_mha,padding";
constexpr const char* kLineEnd = "\r\n";

const char* torch_name(Dtype dtype) {
  switch (dtype) {
    case Dtype::fp32:
      return "torch.float32";
    case Dtype::fp16:
      return "torch.float16";
    case Dtype::bf16:
      return "torch.bfloat16";
  }
  return "";
}

std::string three_digits(const std::optional<double>& value) {
  return value ? fixed(*value, 3) : "";
}

std::string time_field(const std::optional<PathSummary>& path) {
  return three_digits(path ? path->us : std::nullopt);
}

std::string script_fields(const Pair& pair) {
  const MhaConfig& config = pair.config;
  return std::string(torch_name(config.dtype)) + ',' + std::to_string(config.batch) + ',' +
         std::to_string(config.seq_len) + ',' + std::to_string(config.heads) + ',' +
         std::to_string(config.embed_dim) + ',' + time_field(pair.slow) + ',' +
         time_field(pair.fast) + ',' + three_digits(pair.speedup()) + ',' +
         three_digits(pair.padding);
}

// A column beside the script's: its heading, and a field out of a line of contenders.
struct Column {
  std::string heading;
  std::function<std::optional<double>(const ContenderLine&)> value;
};

Column column(const std::string& prefix, const std::string& path, std::size_t index,
              std::function<std::optional<double>(const Contender&)> value) {
  return {prefix + path + " (\u00b5s)", [index, value](const ContenderLine& line) {
            const std::optional<Contender>& contender = line.by_path[index];
            return contender ? value(*contender) : std::nullopt;
          }};
}

std::vector<Column> columns_of_path(const std::string& path, std::size_t index) {
  std::vector<Column> columns{
      column("busy_", path, index, [](const Contender& c) { return c.summary.busy_us; }),
      column("pack_", path, index, [](const Contender& c) { return c.pack_us; }),
      column("unpack_", path, index, [](const Contender& c) { return c.unpack_us; })};
  for (const int layers : kLayerCounts) {
    columns.push_back(column("total_" + std::to_string(layers) + '_', path, index,
                             [layers](const Contender& c) { return layer_total_us(c, layers); }));
  }
  return columns;
}

std::optional<double> right_us(const ContenderLine& line, std::optional<std::size_t> path) {
  if (!path || !line.by_path[*path] || !line.by_path[*path]->summary.right()) return std::nullopt;
  return line.by_path[*path]->summary.us;
}

// A configuration on which neither slow nor fast was run.
Pair pair_without_paths(const ContenderLine& line) {
  Pair pair;
  pair.config = line.config;
  pair.padding = line.padding;
  return pair;
}

std::vector<Column> columns_of(const Contenders& contenders) {
  const std::optional<std::size_t> slow = contenders.index_of("slow");
  std::vector<Column> columns;
  for (std::size_t i = 0; i < contenders.paths.size(); ++i) {
    const std::string& path = contenders.paths[i];
    if (path == "slow" || path == "fast") continue;
    columns.push_back(column("time_", path, i, [](const Contender& c) { return c.summary.us; }));
    columns.push_back({"speedup " + path + " v slow", [slow, i](const ContenderLine& line) {
                         return ratio_of(right_us(line, slow), right_us(line, i));
                       }});
  }
  for (std::size_t i = 0; i < contenders.paths.size(); ++i) {
    for (Column& one : columns_of_path(contenders.paths[i], i)) {
      const auto known = [&](const ContenderLine& line) { return one.value(line).has_value(); };
      if (std::ranges::any_of(contenders.lines, known)) columns.push_back(std::move(one));
    }
  }
  return columns;
}

std::string entry_name(const MhaConfig& config) {
  return "batch:" + std::to_string(config.batch) + "_seq_len:" + std::to_string(config.seq_len) +
         "_n_heads:" + std::to_string(config.heads) +
         "_embed_dim:" + std::to_string(config.embed_dim);
}

}  // namespace

std::string script_csv(const std::vector<Pair>& pairs) {
  std::string text = kHeader;
  text += kLineEnd;
  for (const Pair& pair : pairs) text += script_fields(pair) + kLineEnd;
  return text;
}

std::string script_csv(const std::vector<Pair>& pairs, const Contenders& contenders) {
  std::unordered_map<std::string, const Pair*> by_name;
  for (const Pair& pair : pairs) by_name[config_name(pair.config)] = &pair;
  const std::vector<Column> columns = columns_of(contenders);
  std::string text = kHeader;
  for (const Column& one : columns) text += ',' + one.heading;
  text += kLineEnd;
  for (const ContenderLine& line : contenders.lines) {
    const auto pair = by_name.find(config_name(line.config));
    text += script_fields(pair == by_name.end() ? pair_without_paths(line) : *pair->second);
    for (const Column& one : columns) text += ',' + three_digits(one.value(line));
    text += kLineEnd;
  }
  return text;
}

std::string script_error_json(const std::vector<Pair>& pairs) {
  std::vector<std::pair<std::string, int>> errors;
  std::unordered_map<std::string, std::size_t> index;
  for (const Pair& pair : pairs) {
    if (pair.disagreements == 0) continue;
    const auto [at, fresh] = index.try_emplace(entry_name(pair.config), errors.size());
    if (fresh) errors.emplace_back(at->first, 0);
    errors[at->second].second += pair.disagreements;
  }
  // Blanks as Python's json.dumps sets them; no key holds what would have to be escaped.
  std::vector<std::string> members;
  for (const auto& [key, count] : errors) {
    members.push_back('"' + key + "\": " + std::to_string(count));
  }
  return '{' + join(members, ", ") + '}';
}

}  // namespace mhabench
