#include "mhabench/shards/merge.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/fingerprint.h"
#include "mhabench/base/json.h"
#include "mhabench/base/text.h"
#include "mhabench/results/context_keys.h"
#include "mhabench/results/results_json.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownNotes = 20;

std::string shown(const std::string& value) {
  constexpr std::size_t kLongest = 60;
  const std::string text = one_line(value);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
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
  if (x.shard.of != y.shard.of) {
    fail_apart(a, b, "the number of shards", std::to_string(x.shard.of),
               std::to_string(y.shard.of));
  }
  if (x.plan_rows != y.plan_rows) {
    fail_apart(a, b, "the number of rows of all shards", std::to_string(x.plan_rows),
               std::to_string(y.plan_rows));
  }
  if (x.plan_fingerprint != y.plan_fingerprint) {
    fail_apart(a, b, "the fingerprint of the rows of all shards", one_line(x.plan_fingerprint),
               one_line(y.plan_fingerprint));
  }
}

bool is_gpu(const std::string& device) { return device.starts_with("cuda:"); }

void check_same_context(const ShardFile& a, const ShardFile& b) {
  const auto x = context_texts(a.context);
  const auto y = context_texts(b.context);
  for (const Difference& one :
       differences({&x}, {&y}, [](const ContextKey& key) { return key.same_to_merge; })) {
    // Each share takes the GPU that it is given.
    if (one.key == "device" && is_gpu(one.base) && is_gpu(one.next)) continue;
    fail_apart(a, b, one.key, shown(one.base), shown(one.next));
  }
}

// What is common to all files, and a list of the shares with the rest.
Json merged_context(const std::vector<ShardFile>& files) {
  Json merged = Json::object();
  for (const auto& [key, value] : files.front().context.items()) {
    const auto has_it = [&](const ShardFile& file) {
      const auto found = file.context.find(key);
      return found != file.context.end() && *found == value;
    };
    if (std::ranges::all_of(files, has_it)) merged[key] = value;
  }
  Json shares = Json::array();
  for (const ShardFile& file : files) {
    const Shard& shard = file.shard.shard;
    Json share{{"index", shard.index}, {"of", shard.of}, {"rows", file.shard.names.size()}};
    for (const auto& [key, value] : file.context.items()) {
      if (!merged.contains(key)) share[key] = value;
    }
    shares.push_back(std::move(share));
  }
  merged["shards"] = std::move(shares);
  return merged;
}

// A row of the plan, in the file that has it.
struct PlacedRow {
  std::size_t index = 0;  // in the plan
  const std::string* name = nullptr;
  const ShardFile* file = nullptr;
  ShardRow* row = nullptr;
};

// In the plan's order; a row that no file has is absent.
std::vector<PlacedRow> placed_rows(std::vector<ShardFile>& files) {
  std::vector<PlacedRow> rows;
  for (ShardFile& file : files) {
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
      rows.push_back({file.shard.indices[i], &file.shard.names[i], &file, &file.rows[i]});
    }
  }
  std::ranges::stable_sort(rows, {}, &PlacedRow::index);
  return rows;
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

void check_rows_once(const std::vector<PlacedRow>& rows) {
  const auto twice = std::ranges::adjacent_find(rows, {}, &PlacedRow::index);
  if (twice == rows.end()) return;
  throw InputError("row '" + one_line(*std::next(twice)->name) + "' stands in '" +
                   one_line(twice->file->name) + "' and in '" +
                   one_line(std::next(twice)->file->name) + "'");
}

// That the names are those of the plan can be told once all are there.
void check_names(const ShardContext& plan, const std::vector<PlacedRow>& rows) {
  if (rows.size() != plan.plan_rows) return;
  Fingerprint fingerprint;
  for (const PlacedRow& placed : rows) fingerprint.add(*placed.name);
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

void note_missing_shards(const std::vector<ShardFile>& files, std::size_t rows, Merged& merged) {
  const ShardContext& plan = files.front().shard;
  if (rows == plan.plan_rows) return;
  std::set<int> there;
  for (const ShardFile& file : files) there.insert(file.shard.shard.index);
  Notes absent("shards that are not among the files");
  for (int index = 1; index <= plan.shard.of; ++index) {
    if (!there.contains(index)) {
      absent.add("shard " + text_of(Shard{index, plan.shard.of}) + " is not among the files");
    }
  }
  absent.move_to(merged.notes);
  merged.missing += plan.plan_rows - rows;
  merged.notes.push_back(std::to_string(plan.plan_rows - rows) + " of " +
                         std::to_string(plan.plan_rows) + " rows are in no file");
}

std::string lost_note(const PlacedRow& placed) {
  const ShardRow& row = *placed.row;
  const std::string what = row.entries.empty()
                               ? ""
                               : std::to_string(row.repetitions - row.runs) + " of " +
                                     std::to_string(row.repetitions) + " repetitions of ";
  return "lost: " + what + one_line(*placed.name) + " (in '" + one_line(placed.file->name) + "')";
}

void note_rows(const std::vector<PlacedRow>& rows, Merged& merged) {
  Notes lost("rows that were lost");
  Notes bad("rows that are wrong or failed");
  for (const PlacedRow& placed : rows) {
    const ShardRow& row = *placed.row;
    merged.rows += row.entries.empty() ? 0 : 1;
    if (!row.is_whole()) lost.add(lost_note(placed));
    if (row.failed) {
      bad.add("failed: " + one_line(*placed.name) + (row.message.empty() ? "" : ": ") +
              one_line(row.message));
    } else if (row.wrong) {
      bad.add("wrong: " + one_line(*placed.name));
    }
  }
  merged.missing += lost.count();
  merged.wrong = bad.count();
  lost.move_to(merged.notes);
  bad.move_to(merged.notes);
}

// The list "pairs" in the plan's order; null where no file has one.
Json pairs_of(std::vector<ShardFile>& files) {
  std::vector<ShardPair> pairs;
  Json list;
  for (ShardFile& file : files) {
    if (!file.pairs) continue;
    list = Json::array();
    std::ranges::move(*file.pairs, std::back_inserter(pairs));
  }
  std::ranges::stable_sort(pairs, {}, &ShardPair::index);
  for (ShardPair& pair : pairs) list.push_back(std::move(pair.entry));
  return list;
}

// Takes the entries out of the files.
std::string document(std::vector<ShardFile>& files, const std::vector<PlacedRow>& rows) {
  Json json{{"context", merged_context(files)}, {"benchmarks", Json::array()}};
  for (const PlacedRow& placed : rows) {
    std::ranges::move(placed.row->entries, std::back_inserter(json["benchmarks"]));
  }
  if (Json pairs = pairs_of(files); !pairs.is_null()) json["pairs"] = std::move(pairs);
  return dumped(json, 2) + '\n';
}

}  // namespace

Merged merge_shards(std::vector<ShardFile> files) {
  if (files.empty()) throw InputError("there is no file to merge");
  for (const ShardFile& file : files) check_same_plan(files.front(), file);
  check_shards_once(files);
  std::ranges::sort(files, {}, [](const ShardFile& file) { return file.shard.shard.index; });
  const std::vector<PlacedRow> rows = placed_rows(files);
  check_rows_once(rows);
  for (const ShardFile& file : files) check_same_context(files.front(), file);
  check_names(files.front().shard, rows);

  Merged merged;
  merged.shards = files.size();
  note_missing_shards(files, rows.size(), merged);
  note_rows(rows, merged);
  merged.text = document(files, rows);
  return merged;
}

}  // namespace mhabench
