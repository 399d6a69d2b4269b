#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mhabench/config/config.h"
#include "mhabench/results/pairs.h"
#include "mhabench/results/row.h"

namespace mhabench {

/// What one path comes to on one configuration; repetitions are taken together.
struct Contender {
  PathSummary summary;
  std::optional<double> pack_us, unpack_us;
};

/// One configuration with all paths side by side.
struct ContenderLine {
  MhaConfig config;
  double padding = 0;
  std::vector<std::optional<Contender>> by_path;  ///< as Contenders::paths; absent where not run
};

/// By which time paths are held against each other.
enum class ContenderClock { event, busy };

/// "event time", "GPU busy time".
std::string name_of(ContenderClock clock);

/// All paths of a run, configuration by configuration.
struct Contenders {
  std::vector<std::string>
      paths;  ///< that were measured anywhere, in the order of their first rows
  /// The GPU's busy time where every measured path has it, else the event time: two clocks in one
  /// table would be two questions.
  ContenderClock clock = ContenderClock::event;
  std::vector<ContenderLine> lines;  ///< in the order of their first rows

  /// Where a path stands in `paths`, if it does.
  std::optional<std::size_t> index_of(const std::string& path) const;

  /// Those of the lines.
  std::vector<MhaConfig> configs() const;

  /// The path's time by the clock in use; absent where it has none or is wrong.
  std::optional<double> right_us(const ContenderLine& line, std::size_t path) const;

  /// The times that may win, the fastest first, as indices of paths.
  std::vector<std::size_t> ranking(const ContenderLine& line) const;

  /// Time of `base` over time of `path`; absent unless both have a right one.
  std::optional<double> speedup(const ContenderLine& line, std::size_t base,
                                std::size_t path) const;

  /// The shortest time among the line's right padded paths: only graphs, or only the others,
  /// because a graph does not wait for the host.
  std::optional<double> best_padded_us(const ContenderLine& line, bool graphs) const;
};

Contenders contenders_of(const std::vector<Row>& rows);

/// Whether a path works on the padded batch: what people can run who do not go ragged.
bool is_padded_path(std::string_view path);

/// Whether a path is another one's calls captured in a CUDA graph.
bool is_graph_path(std::string_view path);

/// Whether rows hold any path beside the two of the script.
bool has_other_paths(const std::vector<Row>& rows);

/// One path over all configurations.
struct ContenderSummary {
  std::string path;
  std::size_t configurations = 0;  ///< with a right time
  std::size_t wins = 0;            ///< where it is the fastest of two or more
  /// Geometric means of its speed-ups, over the configurations where both have a right time.
  std::optional<double> over_slow, over_fast;
  /// Speedup over the best padded path of each configuration; ragged paths only.
  std::optional<double> over_padded;
};

std::vector<ContenderSummary> summarize(const Contenders& contenders);

}  // namespace mhabench
