#include "mhabench/shards/shard_file.h"

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "mhabench/base/json_text.h"
#include "mhabench/base/text.h"
#include "mhabench/base/text_file.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

// An ordered object takes time by the square of its keys. No results file comes near this.
constexpr std::size_t kMaxKeys = 4096;

// In the document's tree: the document is at 0, its members at 1, rows at 2.
constexpr int kMemberDepth = 1;
constexpr int kRowDepth = 2;

constexpr const char* kRows = "benchmarks";
constexpr const char* kPairs = "pairs";

constexpr std::size_t kMaxRepetitions = 1'000'000'000;

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  return "'" + one_line(text.substr(0, kLongest)) + (text.size() > kLongest ? "...'" : "'");
}

std::optional<std::string> text_in(const Json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end()) return std::nullopt;
  if (found->is_string()) return found->get<std::string>();
  throw InputError(std::string("'") + key + "' of a row is no string");
}

std::optional<double> number_in(const Json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end()) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  throw InputError(std::string("'") + key + "' of a row is no number");
}

std::size_t count_in(const Json& row, const char* key, std::size_t absent) {
  const double count = number_in(row, key).value_or(static_cast<double>(absent));
  if (count >= 0 && count <= static_cast<double>(kMaxRepetitions)) {
    return static_cast<std::size_t>(count);
  }
  throw InputError(std::string("'") + key + "' of a row is no integer from 0 to " +
                   std::to_string(kMaxRepetitions));
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

bool is_failed(const Json& row) {
  const auto error = row.find("error_occurred");
  return error != row.end() && *error == true && !row.contains("skip_reason");
}

// Takes the document's parts as the parser comes by them, so that no tree of all rows is ever held.
class Reader {
 public:
  explicit Reader(ShardFile& file) : file_(file) {}

  void read(std::string_view text) {
    const auto keep = [this](int depth, Json::parse_event_t event, Json& parsed) {
      return keeps(depth, event, parsed);
    };
    const Json rest = parse_json<Json>(text, keep);
    if (!rest.is_object()) throw InputError("is no results file: its JSON is no object");
    if (!has_context_) throw InputError("is no results file: it has no 'context'");
    if (!has_rows_) throw InputError("is no results file: it has no 'benchmarks'");
  }

 private:
  bool keeps(int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    switch (event) {
      case Event::key:
        count_key(depth);
        if (depth == kMemberDepth) start_member(parsed.get<std::string>());
        return true;
      case Event::object_start:
      case Event::array_start:
        start(depth, event == Event::array_start);
        return true;
      case Event::object_end:
        if (depth == kMemberDepth && member_ == "context") take_context(parsed);
        if (depth == kRowDepth && in_list_) return take_entry(parsed);
        return true;
      case Event::array_end:
        if (depth == kMemberDepth) in_list_ = false;
        return true;
      case Event::value:
        if (depth == kMemberDepth)
          throw InputError("is no results file: '" + member_ + "' is a value");
        if (depth == kRowDepth && in_list_) throw InputError("a row of it is no object");
        return true;
    }
    return true;
  }

  void start_member(std::string name) {
    if (name != "context" && name != kRows && name != kPairs) {
      throw InputError("has a member " + shown(name) + ", which shares are not known to have");
    }
    member_ = std::move(name);
  }

  void count_key(int depth) {
    std::size_t& count = depth == kMemberDepth ? members_ : keys_;
    if (++count > kMaxKeys) throw InputError("has an object of more keys than any results file");
  }

  void start(int depth, bool is_array) {
    if (depth <= kRowDepth) keys_ = 0;
    if (depth == kRowDepth && in_list_ && is_array) throw InputError("a row of it is no object");
    if (depth == kMemberDepth && member_ != "context") start_list(is_array);
  }

  void start_list(bool is_array) {
    const bool is_second = member_ == kRows ? has_rows_ : file_.pairs.has_value();
    if (!is_array || is_second) {
      throw InputError("is no results file: '" + member_ + "' is no array, or stands twice");
    }
    if (!has_context_) throw InputError("is no results file: its rows stand before its context");
    in_list_ = true;
    if (member_ == kRows) {
      has_rows_ = true;
    } else {
      file_.pairs.emplace();
    }
  }

  void take_context(Json& context) {
    if (has_context_) throw InputError("is no results file: it has two contexts");
    has_context_ = true;
    const auto shard = context.find(kShardKey);
    if (shard == context.end()) {
      throw InputError(
          "is no share: its context has no 'shard', as mha_bench --shard=I/N gives it");
    }
    try {
      file_.shard =
          parse_shard_context(shard->dump(-1, ' ', false, Json::error_handler_t::replace));
    } catch (const InputError& error) {
      throw InputError(std::string("'shard' in its context: ") + one_line(error.what()));
    }
    context.erase(shard);
    file_.context = context.dump(-1, ' ', false, Json::error_handler_t::replace);
    file_.rows.resize(file_.shard.names.size());
    for (std::size_t i = 0; i < file_.shard.names.size(); ++i) {
      if (!positions_.emplace(file_.shard.names[i], i).second) {
        throw InputError("'shard' in its context names " + shown(file_.shard.names[i]) + " twice");
      }
    }
  }

  // False: the parser drops it.
  bool take_entry(Json& json) {
    if (member_ == kRows) {
      take_row(json);
    } else {
      take_pair(json);
    }
    return false;
  }

  void take_pair(const Json& json) {
    const std::string name = "MHA/" + text_in(json, "base").value_or("") + '/' +
                             text_in(json, "configuration").value_or("") + "/manual_time";
    const auto position = positions_.find(name);
    if (position == positions_.end()) {
      throw InputError("a pair's row " + shown(name) + " is not of its share");
    }
    file_.pairs->push_back({file_.shard.indices[position->second], text_of(json)});
  }

  void take_row(Json& json) {
    const std::string name = text_in(json, "run_name").value_or("");
    const auto position = positions_.find(name);
    if (position == positions_.end()) {
      throw InputError("row " + shown(name) + " is not of its share");
    }
    ShardRow& row = file_.rows[position->second];
    add_facts(json, position->second, name, row);
    // A whole run counts the rows of all shares.
    if (json.contains("family_index")) {
      json["family_index"] = file_.shard.indices[position->second];
    }
    row.entries.push_back(text_of(json));
  }

  void add_facts(const Json& json, std::size_t position, const std::string& name, ShardRow& row) {
    row.repetitions = count_in(json, "repetitions", 1);
    const std::size_t repetition = count_in(json, "repetition_index", 0);
    const std::string aggregate = text_in(json, "aggregate_name").value_or("");
    if (!entries_.emplace(position, repetition, aggregate).second) {
      throw InputError("row " + shown(name) + " stands twice");
    }
    const bool is_wrong = number_in(json, "errors").value_or(0) != 0;
    // Of repetitions that were left out the mean tells.
    row.wrong |= is_wrong && (aggregate.empty() || aggregate == "mean");
    if (!aggregate.empty()) {
      row.has_aggregates = true;
      return;
    }
    ++row.runs;
    if (!is_failed(json)) return;
    if (!row.failed) row.message = text_in(json, "error_message").value_or("");
    row.failed = true;
  }

  ShardFile& file_;
  std::string member_;  // of the document, that is being read
  bool has_context_ = false;
  bool has_rows_ = false;
  bool in_list_ = false;
  std::size_t members_ = 0;
  std::size_t keys_ = 0;  // of what stands at kRowDepth or above it
  std::unordered_map<std::string, std::size_t> positions_;
  std::set<std::tuple<std::size_t, std::size_t, std::string>> entries_;
};

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw InputError(one_line("'" + name + "' " + what));
}

}  // namespace

ShardFile parse_shard_file(std::string_view text, std::string name) {
  ShardFile file;
  file.name = std::move(name);
  try {
    Reader(file).read(text);
  } catch (const InputError& error) {
    fail(file.name, error.what());
  }
  return file;
}

ShardFile read_shard_file(const std::filesystem::path& path) {
  std::string text;
  try {
    text = read_text(path, kMostJsonBytes);
  } catch (const InputError& error) {
    fail(path.string(), error.what());
  }
  return parse_shard_file(text, path.string());
}

}  // namespace mhabench
