#include "mhabench/shards/shard_file.h"

#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/base/text.h"
#include "mhabench/base/text_file.h"
#include "mhabench/results/results_json.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  return "'" + one_line(text.substr(0, kLongest)) + (text.size() > kLongest ? "...'" : "'");
}

std::string text_in(const Json& row, const char* key) {
  return member<std::string>(row, key).value_or("");
}

bool is_failed(const Json& row) {
  return member<bool>(row, "error_occurred").value_or(false) && !row.contains("skip_reason");
}

void check_members(const Json& json) {
  for (const auto& item : json.items()) {
    const std::string& name = item.key();
    if (name == "context" || name == "benchmarks" || name == "pairs") continue;
    throw InputError("has a member " + shown(name) + ", which shares are not known to have");
  }
}

ShardContext shard_of(const Json& context) {
  const auto shard = context.find(kShardKey);
  if (shard == context.end()) {
    throw InputError("is no share: its context has no 'shard', as mha_bench --shard=I/N gives it");
  }
  try {
    return shard_context_of(*shard);
  } catch (const InputError& error) {
    throw InputError(std::string("'shard' in its context: ") + error.what());
  }
}

// Puts entries to the rows that the share names.
class Reader {
 public:
  ShardFile read(Json json, std::string name) {
    check_results(json);
    check_members(json);
    file_.name = std::move(name);
    take_context(std::move(json["context"]));
    for (Json& row : json["benchmarks"]) take_row(std::move(row));
    if (json.contains("pairs")) take_pairs(std::move(json["pairs"]));
    return std::move(file_);
  }

 private:
  void take_context(Json context) {
    file_.shard = shard_of(context);
    context.erase(kShardKey);
    file_.context = std::move(context);
    file_.rows.resize(file_.shard.names.size());
    for (const std::string& name : file_.shard.names) {
      if (!positions_.emplace(name, positions_.size()).second) {
        throw InputError("'shard' in its context names " + shown(name) + " twice");
      }
    }
  }

  // In the share.
  std::size_t position_of(const std::string& name, const char* what) const {
    const auto position = positions_.find(name);
    if (position != positions_.end()) return position->second;
    throw InputError(what + shown(name) + " is not of its share");
  }

  void take_row(Json json) {
    const std::string name = text_in(json, "run_name");
    const std::size_t position = position_of(name, "row ");
    ShardRow& row = file_.rows[position];
    add_facts(json, position, name, row);
    // A whole run counts the rows of all shares.
    if (json.contains("family_index")) json["family_index"] = file_.shard.indices[position];
    row.entries.push_back(std::move(json));
  }

  void add_facts(const Json& json, std::size_t position, const std::string& name, ShardRow& row) {
    row.repetitions = member<std::size_t>(json, "repetitions").value_or(1);
    const std::size_t repetition = member<std::size_t>(json, "repetition_index").value_or(0);
    const std::string aggregate = text_in(json, "aggregate_name");
    if (!entries_.emplace(position, repetition, aggregate).second) {
      throw InputError("row " + shown(name) + " stands twice");
    }
    const bool is_wrong = member<double>(json, "errors").value_or(0) != 0;
    // Of repetitions that were left out the mean tells.
    row.wrong |= is_wrong && (aggregate.empty() || aggregate == "mean");
    if (!aggregate.empty()) {
      row.has_aggregates = true;
      return;
    }
    ++row.runs;
    if (!is_failed(json)) return;
    if (!row.failed) row.message = text_in(json, "error_message");
    row.failed = true;
  }

  void take_pairs(Json pairs) {
    if (!pairs.is_array()) throw InputError("'pairs' is no array");
    file_.pairs.emplace();
    for (Json& pair : pairs) {
      const std::string name =
          "MHA/" + text_in(pair, "base") + '/' + text_in(pair, "configuration") + "/manual_time";
      const std::size_t position = position_of(name, "a pair's row ");
      file_.pairs->push_back({file_.shard.indices[position], std::move(pair)});
    }
  }

  ShardFile file_;
  std::unordered_map<std::string, std::size_t> positions_;
  std::set<std::tuple<std::size_t, std::size_t, std::string>> entries_;
};

}  // namespace

ShardFile parse_shard_file(std::string_view text, std::string name) {
  return in_file(name, [&] { return Reader().read(parse_json(text), name); });
}

ShardFile read_shard_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  return in_file(name, [&] { return Reader().read(read_json(path), name); });
}

}  // namespace mhabench
