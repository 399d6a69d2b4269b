#include "mhabench/shards/shard.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

// What a row costs beside its calls, over what one FLOP of a call costs. From the script's grid on
// an H200: some 30 ms a row at whatever size, and 20 calls at 3e14 FLOP/s that grow with it. On a
// CPU: 0.3 s a row, 5 calls at 1e11 FLOP/s.
constexpr double kRowFlopsGpu = 4.5e11;
constexpr double kRowFlopsCpu = 6e9;

constexpr double kUnit = 1e6;

// So that any number of rows that a grid can have adds up in 64 bits.
constexpr double kMaxCost = 1e11;

// Expected sums over a batch: of the lengths, and of their squares.
struct Sums {
  double tokens = 0;
  double squares = 0;
};

// One sequence has seq_len; the others are seq_len times draws with these first two moments.
Sums drawn(const MhaConfig& config, double first, double second) {
  const auto longest = static_cast<double>(config.seq_len);
  const auto others = static_cast<double>(config.batch - 1);
  return {longest * (1 + others * first), longest * longest * (1 + others * second)};
}

Sums expected_sums(const MhaConfig& config) {
  const LengthsSource& lengths = config.lengths;
  switch (lengths.kind) {
    case LengthsKind::script:
    case LengthsKind::beta: {
      const double b = lengths.beta.value().value();
      return drawn(config, 1 / (1 + b), 2 / ((1 + b) * (2 + b)));
    }
    case LengthsKind::full:
      return drawn(config, 1, 1);
    case LengthsKind::uniform:
      return drawn(config, 1.0 / 2, 1.0 / 3);
    case LengthsKind::replayed:
      break;
  }
  Sums sums;
  for (const std::int64_t length : lengths.replayed) {
    const auto tokens = static_cast<double>(length);
    sums.tokens += tokens;
    sums.squares += tokens * tokens;
  }
  return sums;
}

std::size_t parse_index(std::string_view text, std::size_t limit) {
  const auto index = number_of<std::size_t>(text);
  if (index && *index < limit) return *index;
  throw InputError("'" + one_line(text.substr(0, 40)) + "' is no index below " +
                   std::to_string(limit));
}

}  // namespace

Shard parse_shard(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '/');
  const auto index = parts.size() == 2 ? number_of<int>(parts[0]) : std::nullopt;
  const auto of = parts.size() == 2 ? number_of<int>(parts[1]) : std::nullopt;
  if (index && of && *index >= 1 && *index <= *of && *of <= kMaxShards) return {*index, *of};
  throw InputError("'" + std::string(text) + "' is no share I/N (1 <= I <= N <= " +
                   std::to_string(kMaxShards) + ", such as 2/8 for the second of eight)");
}

std::string text_of(const Shard& shard) {
  return std::to_string(shard.index) + '/' + std::to_string(shard.of);
}

std::uint64_t predicted_cost(const MhaConfig& config, bool computes_padding, bool on_gpu) {
  const Sums sums = computes_padding ? drawn(config, 1, 1) : expected_sums(config);
  const auto width = static_cast<double>(config.embed_dim);
  const double flops = 8 * sums.tokens * width * width + 4 * width * sums.squares;
  const double cost = (flops + (on_gpu ? kRowFlopsGpu : kRowFlopsCpu)) / kUnit;
  return static_cast<std::uint64_t>(std::llround(std::min(cost, kMaxCost)));
}

std::vector<int> balanced_shares(const std::vector<std::uint64_t>& costs, int shares) {
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>{}, [&](std::size_t i) { return costs[i]; });

  using Load = std::pair<std::uint64_t, int>;  // of a share
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (int share = 0; share < shares; ++share) loads.emplace(0, share);
  std::vector<int> assigned(costs.size());
  for (const std::size_t group : order) {
    const auto [load, share] = loads.top();
    loads.pop();
    loads.emplace(load + costs[group], share);
    assigned[group] = share;
  }
  return assigned;
}

std::string text_of_indices(const std::vector<std::size_t>& indices) {
  std::string text;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t last = i;
    while (last + 1 < indices.size() && indices[last + 1] == indices[last] + 1) ++last;
    if (i > 0) text += ',';
    text += std::to_string(indices[i]);
    if (last > i) text += '-' + std::to_string(indices[last]);
    i = last + 1;
  }
  return text;
}

std::vector<std::size_t> parse_indices(std::string_view text, std::size_t limit) {
  std::vector<std::size_t> indices;
  if (text.empty()) return indices;
  for (const std::string_view range : split(text, ',')) {
    const std::size_t dash = range.find('-');
    const std::size_t first = parse_index(range.substr(0, dash), limit);
    const std::size_t last =
        dash == std::string_view::npos ? first : parse_index(range.substr(dash + 1), limit);
    if (last < first || (!indices.empty() && first <= indices.back())) {
      throw InputError("indices do not ascend at '" + std::string(range) + "'");
    }
    for (std::size_t index = first; index <= last; ++index) indices.push_back(index);
  }
  return indices;
}

}  // namespace mhabench
