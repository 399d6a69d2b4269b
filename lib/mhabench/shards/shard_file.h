#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "mhabench/shards/shard_context.h"

namespace mhabench {

/// What the results file of a share holds of one of its rows.
struct ShardRow {
  /// Its entries in "benchmarks": repetitions, aggregates.
  std::vector<nlohmann::ordered_json> entries;
  std::size_t repetitions = 1;  ///< that it was to have
  std::size_t runs = 0;         ///< repetitions among the entries
  bool has_aggregates = false;
  bool failed = false;  ///< one of its runs has no time, for another reason than a skip
  bool wrong = false;   ///< the output of one of its runs is wrong
  std::string message;  ///< of the first run that failed

  /// Where the repetitions were left out for their aggregates, as Google Benchmark can be told,
  /// none counts as lost.
  bool is_whole() const { return has_aggregates || (runs > 0 && runs >= repetitions); }
};

/// An entry of the list "pairs", which a run with --rounds adds: a path over another.
struct ShardPair {
  std::size_t index = 0;  ///< in the plan, of the row that is the base
  nlohmann::ordered_json entry;
};

/// The results file (--benchmark_out) of a share, read. It takes about ten times the memory of the
/// file's size.
struct ShardFile {
  std::string name;                ///< as it was asked for
  ShardContext shard;              ///< what it says of itself
  nlohmann::ordered_json context;  ///< the file's, without `shard`
  /// Of shard.names, one each; without entries where it was lost.
  std::vector<ShardRow> rows;
  std::optional<std::vector<ShardPair>> pairs;  ///< absent where the file has no such list
};

/// Reads the results file of a run with --shard. Takes time linear in its size. Throws InputError,
/// one line with the file's name: as read_json and check_results do, and for a file that is none of
/// a share, a row that is not of the share or stands twice, a field of another type, a list that is
/// not known.
ShardFile read_shard_file(const std::filesystem::path& path);

/// The same for a text at hand; `name` stands in messages.
ShardFile parse_shard_file(std::string_view text, std::string name);

}  // namespace mhabench
