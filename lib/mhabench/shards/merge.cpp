#include "mhabench/shards/merge.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "mhabench/base/fingerprint.h"
#include "mhabench/base/text.h"
#include "mhabench/results/context_keys.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownNotes = 20;

bool is_gpu(const Json& device) {
  return device.is_string() && device.get<std::string>().starts_with("cuda:");
}

// Each share takes the GPU that it is given. What a user said of each stands in the list of shards.
bool may_differ(const std::string& key, const Json& a, const Json& b) {
  const ContextKey* const known = find_context_key(key);
  return known == nullptr || !known->same_to_merge || (key == "device" && is_gpu(a) && is_gpu(b));
}

std::string shown(const Json& value) {
  constexpr std::size_t kLongest = 60;
  if (value.is_discarded()) return "absent";
  const std::string text = one_line(value.dump());
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

const Json& value_in(const Json& context, const std::string& key) {
  static const Json absent(Json::value_t::discarded);
  const auto found = context.find(key);
  return found == context.end() ? absent : *found;
}

// Discarded values are equal to nothing, themselves included.
bool same(const Json& a, const Json& b) {
  return a.is_discarded() || b.is_discarded() ? a.is_discarded() == b.is_discarded() : a == b;
}

[[noreturn]] void fail_apart(const ShardFile& a, const ShardFile& b, const std::string& key,
                             const std::string& value_a, const std::string& value_b) {
  throw InputError("'" + one_line(a.name) + "' and '" + one_line(b.name) +
                   "' do not belong together: " + one_line(key) + " is " + value_a + " and " +
                   value_b);
}

void check_same_plan(const ShardFile& a, const ShardFile& b) {
  const ShardContext& x = a.shard;
  const ShardContext& y = b.shard;
  const auto number = [](auto value) { return std::to_string(value); };
  if (x.shard.of != y.shard.of) {
    fail_apart(a, b, "the number of shards", number(x.shard.of), number(y.shard.of));
  }
  if (x.plan_rows != y.plan_rows) {
    fail_apart(a, b, "the number of rows of all shards", number(x.plan_rows), number(y.plan_rows));
  }
  if (x.plan_fingerprint != y.plan_fingerprint) {
    fail_apart(a, b, "the fingerprint of the rows of all shards", one_line(x.plan_fingerprint),
               one_line(y.plan_fingerprint));
  }
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

// The contexts of all files, and what is common to them.
class Contexts {
 public:
  explicit Contexts(const std::vector<ShardFile>& files) {
    for (const ShardFile& file : files) contexts_.push_back(Json::parse(file.context));
    for (std::size_t i = 1; i < files.size(); ++i) compare(files[0], files[i], contexts_[i]);
  }

  Json merged(const std::vector<ShardFile>& files) const {
    Json merged = Json::object();
    for (const auto& item : contexts_.front().items()) {
      if (!differing_.contains(item.key())) merged[item.key()] = item.value();
    }
    Json shards = Json::array();
    for (std::size_t i = 0; i < files.size(); ++i) shards.push_back(share(files[i], contexts_[i]));
    merged["shards"] = std::move(shards);
    return merged;
  }

 private:
  void compare(const ShardFile& first, const ShardFile& file, const Json& context) {
    std::vector<std::string> keys = keys_of(contexts_.front());
    for (std::string& key : keys_of(context)) {
      if (!contexts_.front().contains(key)) keys.push_back(std::move(key));
    }
    for (const std::string& key : keys) {
      const Json& a = value_in(contexts_.front(), key);
      const Json& b = value_in(context, key);
      if (same(a, b)) continue;
      if (!may_differ(key, a, b)) fail_apart(first, file, key, shown(a), shown(b));
      differing_.insert(key);
    }
  }

  Json share(const ShardFile& file, const Json& context) const {
    Json json;
    json["index"] = file.shard.shard.index;
    json["of"] = file.shard.shard.of;
    json["rows"] = file.shard.names.size();
    for (const auto& item : context.items()) {
      if (differing_.contains(item.key())) json[item.key()] = item.value();
    }
    return json;
  }

  std::vector<Json> contexts_;
  std::set<std::string> differing_;
};

// Where each row of the plan is: in which file, at which place. Absent where no file has it.
struct Place {
  std::size_t file = 0;
  std::size_t row = 0;
};
using Places = std::vector<std::pair<std::size_t, Place>>;  // by index in the plan, ascending

Places places_of(const std::vector<ShardFile>& files) {
  Places places;
  for (std::size_t file = 0; file < files.size(); ++file) {
    const std::vector<std::size_t>& indices = files[file].shard.indices;
    for (std::size_t row = 0; row < indices.size(); ++row) {
      places.push_back({indices[row], {file, row}});
    }
  }
  std::ranges::stable_sort(places, {}, &Places::value_type::first);
  return places;
}

const std::string& name_at(const std::vector<ShardFile>& files, const Place& place) {
  return files[place.file].shard.names[place.row];
}

void check_shards_once(const std::vector<ShardFile>& files) {
  std::map<int, const ShardFile*> seen;
  for (const ShardFile& file : files) {
    const auto [at, fresh] = seen.emplace(file.shard.shard.index, &file);
    if (fresh) continue;
    throw InputError("'" + one_line(at->second->name) + "' and '" + one_line(file.name) +
                     "' are both shard " + text_of(file.shard.shard));
  }
}

void check_rows_once(const std::vector<ShardFile>& files, const Places& places) {
  for (std::size_t i = 1; i < places.size(); ++i) {
    if (places[i].first != places[i - 1].first) continue;
    throw InputError("row '" + one_line(name_at(files, places[i].second)) + "' stands in '" +
                     one_line(files[places[i - 1].second.file].name) + "' and in '" +
                     one_line(files[places[i].second.file].name) + "'");
  }
}

// That the names are those of the plan can be told once all are there.
void check_names(const std::vector<ShardFile>& files, const Places& places) {
  const ShardContext& plan = files.front().shard;
  if (places.size() != plan.plan_rows) return;
  Fingerprint fingerprint;
  for (const auto& [index, place] : places) fingerprint.add(name_at(files, place));
  if (fingerprint.str() == plan.plan_fingerprint) return;
  throw InputError(
      "the rows that the shards name are not those of their plan: its fingerprint is " +
      one_line(plan.plan_fingerprint) + ", theirs " + fingerprint.str());
}

// Not more lines than one reads.
class Notes {
 public:
  explicit Notes(std::string what) : what_(std::move(what)) {}

  void add(const std::string& line) {
    if (++count_ <= kShownNotes) lines_.push_back(line);
  }

  std::size_t count() const { return count_; }

  void move_to(std::vector<std::string>& notes) {
    std::ranges::move(lines_, std::back_inserter(notes));
    if (count_ > kShownNotes) {
      notes.push_back("... and " + std::to_string(count_ - kShownNotes) + " more " + what_);
    }
  }

 private:
  std::string what_;
  std::vector<std::string> lines_;
  std::size_t count_ = 0;
};

void note_missing_shards(const std::vector<ShardFile>& files, const Places& places,
                         Merged& merged) {
  const ShardContext& plan = files.front().shard;
  if (places.size() == plan.plan_rows) return;
  std::set<int> there;
  for (const ShardFile& file : files) there.insert(file.shard.shard.index);
  Notes absent("shards that are not among the files");
  for (int index = 1; index <= plan.shard.of; ++index) {
    if (!there.contains(index)) {
      absent.add("shard " + text_of(Shard{index, plan.shard.of}) + " is not among the files");
    }
  }
  absent.move_to(merged.notes);
  const std::size_t rows = plan.plan_rows - places.size();
  merged.notes.push_back(std::to_string(rows) + " of " + std::to_string(plan.plan_rows) +
                         " rows are in no file");
  merged.missing += rows;
}

std::string lost_note(const std::string& name, const ShardRow& row, const std::string& file) {
  const std::string what = row.entries.empty()
                               ? ""
                               : std::to_string(row.repetitions - row.runs) + " of " +
                                     std::to_string(row.repetitions) + " repetitions of ";
  return "lost: " + what + one_line(name) + " (in '" + one_line(file) + "')";
}

void note_rows(const std::vector<ShardFile>& files, const Places& places, Merged& merged) {
  Notes lost("rows that were lost");
  Notes bad("rows that are wrong or failed");
  for (const auto& [index, place] : places) {
    const std::string& name = name_at(files, place);
    const ShardRow& row = files[place.file].rows[place.row];
    if (!row.is_whole()) lost.add(lost_note(name, row, files[place.file].name));
    if (row.failed) {
      bad.add("failed: " + one_line(name) + (row.message.empty() ? "" : ": ") +
              one_line(row.message));
    } else if (row.wrong) {
      bad.add("wrong: " + one_line(name));
    }
  }
  merged.missing += lost.count();
  merged.wrong = bad.count();
  lost.move_to(merged.notes);
  bad.move_to(merged.notes);
}

// `text` with `levels` more levels of two blanks, from its second line on. No string in JSON holds
// a line end.
void append_indented(std::string_view text, std::size_t levels, std::string& out) {
  for (;;) {
    const std::size_t end = text.find('\n');
    out += text.substr(0, end);
    if (end == std::string_view::npos) return;
    out += '\n';
    out.append(2 * levels, ' ');
    text.remove_prefix(end + 1);
  }
}

// The list "pairs" in the plan's order, where a file has one.
std::optional<std::vector<std::string>> pairs_of(std::vector<ShardFile>& files) {
  std::vector<ShardPair> pairs;
  bool has_list = false;
  for (ShardFile& file : files) {
    if (!file.pairs) continue;
    has_list = true;
    std::ranges::move(*file.pairs, std::back_inserter(pairs));
  }
  if (!has_list) return std::nullopt;
  std::ranges::stable_sort(pairs, {}, &ShardPair::index);
  std::vector<std::string> entries;
  for (ShardPair& pair : pairs) entries.push_back(std::move(pair.entry));
  return entries;
}

// A member of the document that is an array, closed where this ends.
class List {
 public:
  List(const std::string& name, std::string& text) : text_(text) {
    text_ += ",\n  \"" + name + "\": [";
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List() { text_ += is_empty_ ? "]" : "\n  ]"; }

  void add(const std::string& entry) {
    text_ += is_empty_ ? "\n    " : ",\n    ";
    append_indented(entry, 2, text_);
    is_empty_ = false;
  }

 private:
  std::string& text_;
  bool is_empty_ = true;
};

// Written piece by piece and taken out of the files on the way, for a tree of all rows takes ten
// times their text.
std::string document(const Json& context, std::vector<ShardFile>& files, const Places& places) {
  std::string text = "{\n  \"context\": ";
  append_indented(context.dump(2, ' ', false, Json::error_handler_t::replace), 1, text);
  {
    List rows("benchmarks", text);
    for (const auto& [index, place] : places) {
      std::vector<std::string>& entries = files[place.file].rows[place.row].entries;
      for (const std::string& entry : entries) rows.add(entry);
      entries = {};
    }
  }
  if (const auto pairs = pairs_of(files)) {
    List list("pairs", text);
    for (const std::string& pair : *pairs) list.add(pair);
  }
  return text + "\n}\n";
}

}  // namespace

Merged merge_shards(std::vector<ShardFile> files) {
  if (files.empty()) throw InputError("there is no file to merge");
  for (const ShardFile& file : files) check_same_plan(files.front(), file);
  check_shards_once(files);
  std::ranges::sort(files, {}, [](const ShardFile& file) { return file.shard.shard.index; });
  const Places places = places_of(files);
  check_rows_once(files, places);
  const Contexts contexts(files);
  check_names(files, places);

  Merged merged;
  merged.shards = files.size();
  merged.rows = static_cast<std::size_t>(std::ranges::count_if(places, [&](const auto& at) {
    return !files[at.second.file].rows[at.second.row].entries.empty();
  }));
  note_missing_shards(files, places, merged);
  note_rows(files, places, merged);
  merged.text = document(contexts.merged(files), files, places);
  return merged;
}

}  // namespace mhabench
