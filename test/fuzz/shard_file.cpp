#include "mhabench/shards/shard_file.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "fuzz/targets.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/shards/merge.h"

namespace mhabench::fuzz {
namespace {

// Files stand one behind the other.
constexpr char kBetweenFiles = '\x1e';

void merge(std::string_view input) {
  std::vector<ShardFile> files;
  std::size_t entries = 0;
  for (const std::string_view text : split(input, kBetweenFiles)) {
    files.push_back(parse_shard_file(text, "file" + std::to_string(files.size())));
    for (const ShardRow& row : files.back().rows) entries += row.entries.size();
  }
  const Merged merged = merge_shards(std::move(files));
  const nlohmann::json json = nlohmann::json::parse(merged.text);
  require(json.at("benchmarks").size() == entries, "entries were lost or made up");
  require(json.at("context").at("shards").size() == merged.shards, "a share is not listed");
  for (const std::string& note : merged.notes) require_one_line(note);
}

}  // namespace

void shard_file(std::string_view input) {
  try {
    merge(input);
  } catch (const InputError& error) {
    require_one_line(error.what());
  }
}

}  // namespace mhabench::fuzz
