#include "mhabench/config/grid.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

// Beyond it a list of configurations takes gigabytes, and a run years.
constexpr std::int64_t kMaxConfigs = 1'000'000;

// How many of the dropped pairs an error lists.
constexpr std::size_t kShownPairs = 8;

struct NamedGrid {
  std::string_view name;
  Dtype dtype;
  std::vector<std::int64_t> batches, seq_lens, embed_dims, heads;
  std::string_view betas;
};

const std::vector<NamedGrid>& named_grids() {
  static const std::vector<NamedGrid> grids{
      {"script",
       Dtype::fp16,
       {16, 32, 64, 128, 256},
       {64, 128, 256, 512},
       {512, 1024},
       {8, 16},
       "0.05:3.05:0.2"},
      {"quick", Dtype::fp16, {16, 128}, {64, 512}, {512, 1024}, {8, 16}, "0.05,0.85,3.05"},
      {"cpu", Dtype::fp32, {2, 8}, {16, 64, 256}, {64, 256}, {8}, "0.05,0.85,3.05"},
  };
  return grids;
}

std::vector<LengthsSource> sources_of(const Grid& grid) {
  std::vector<LengthsSource> sources;
  if (has_beta(grid.lengths)) {
    for (const Decimal beta : grid.betas) sources.push_back({grid.lengths, beta, {}, 0, {}});
  } else {
    sources.push_back({grid.lengths, std::nullopt, {}, 0, {}});
  }
  return sources;
}

// A batch's size and longest length with the source of its lengths: what the widths multiply.
struct Shape {
  std::int64_t batch;
  std::int64_t seq_len;
  std::vector<LengthsSource> sources;
};

LengthsSource replayed(const LengthsLine& line) {
  return {LengthsKind::replayed, line.fixed ? line.fixed->beta : std::nullopt, line.stem, line.line,
          line.lengths};
}

std::vector<Shape> product_shapes(const Grid& grid) {
  std::vector<Shape> shapes;
  const std::vector<LengthsSource> sources = sources_of(grid);
  for (const std::int64_t batch : grid.batches) {
    for (const std::int64_t seq_len : grid.seq_lens) shapes.push_back({batch, seq_len, sources});
  }
  return shapes;
}

Shape plain_shape(const LengthsLine& line) {
  return {std::ssize(line.lengths), std::ranges::max(line.lengths), {replayed(line)}};
}

MhaConfig fixed_config(Dtype dtype, const LengthsLine& line) {
  const LengthsLine::Fixed& fixed = *line.fixed;
  if (fixed.embed_dim % fixed.heads != 0) {
    throw InputError("line " + std::to_string(line.line) + " of the lengths file: embed_dim " +
                     std::to_string(fixed.embed_dim) + " is not a multiple of heads " +
                     std::to_string(fixed.heads));
  }
  return {dtype,         std::ssize(line.lengths), fixed.seq_len, fixed.embed_dim, fixed.heads,
          replayed(line)};
}

void append_widths(const Grid& grid, Dtype dtype, const Shape& shape,
                   std::vector<MhaConfig>& configs) {
  for (const std::int64_t embed_dim : grid.embed_dims) {
    for (const std::int64_t heads : grid.heads) {
      if (embed_dim % heads != 0) continue;
      for (const LengthsSource& source : shape.sources) {
        configs.push_back({dtype, shape.batch, shape.seq_len, embed_dim, heads, source});
      }
    }
  }
}

std::vector<std::string> dropped_pairs(const Grid& grid) {
  std::vector<std::string> pairs;
  for (const std::int64_t embed_dim : grid.embed_dims) {
    for (const std::int64_t heads : grid.heads) {
      if (embed_dim % heads == 0) continue;
      pairs.push_back(std::to_string(embed_dim) + '/' + std::to_string(heads));
    }
  }
  return pairs;
}

// In double, for the product of five axes of 100,000 values fits in no integer.
double config_count(const Grid& grid, std::size_t sources) {
  const double shapes =
      static_cast<double>(grid.batches.size()) * static_cast<double>(grid.seq_lens.size());
  const double widths =
      static_cast<double>(grid.embed_dims.size()) * static_cast<double>(grid.heads.size());
  const auto fixed = static_cast<double>(
      std::ranges::count_if(grid.lines, [](const auto& line) { return line.fixed.has_value(); }));
  const double plain = static_cast<double>(grid.lines.size()) - fixed;
  const double product = shapes * widths * static_cast<double>(sources);
  return static_cast<double>(grid.dtypes.size()) *
         (grid.lines.empty() ? product : fixed + plain * widths);
}

void check_size(const Grid& grid) {
  if (config_count(grid, sources_of(grid).size()) <= static_cast<double>(kMaxConfigs)) return;
  throw InputError("the axes give more than " + std::to_string(kMaxConfigs) +
                   " configurations: shorten their lists");
}

void check_not_empty(const Expansion& expansion) {
  if (!expansion.configs.empty()) return;
  std::vector<std::string> pairs = expansion.dropped;
  if (pairs.size() > kShownPairs) {
    pairs.resize(kShownPairs);
    pairs.emplace_back("...");
  }
  throw InputError(
      "no configuration is left: heads must divide embed_dim (embed_dim/heads given: " +
      join(pairs, ", ") + ")");
}

}  // namespace

Expansion expand(const Grid& grid) {
  check_size(grid);
  Expansion expansion;
  const std::vector<Shape> shapes =
      grid.lines.empty() ? product_shapes(grid) : std::vector<Shape>{};
  for (const Dtype dtype : grid.dtypes) {
    for (const Shape& shape : shapes) append_widths(grid, dtype, shape, expansion.configs);
    for (const LengthsLine& line : grid.lines) {
      if (line.fixed) {
        expansion.configs.push_back(fixed_config(dtype, line));
      } else {
        append_widths(grid, dtype, plain_shape(line), expansion.configs);
      }
    }
  }
  const bool widths_count =
      grid.lines.empty() || std::ranges::any_of(grid.lines, [](const auto& l) { return !l.fixed; });
  if (widths_count) expansion.dropped = dropped_pairs(grid);
  check_not_empty(expansion);
  return expansion;
}

Grid named_grid(std::string_view name) {
  for (const NamedGrid& grid : named_grids()) {
    if (grid.name != name) continue;
    return {std::string(name),
            {grid.dtype},
            grid.batches,
            grid.seq_lens,
            grid.embed_dims,
            grid.heads,
            LengthsKind::script,
            parse_decimals(grid.betas),
            {}};
  }
  throw InputError(unknown_word("grid", name, grid_names()));
}

std::vector<std::string> grid_names() {
  std::vector<std::string> names;
  for (const NamedGrid& grid : named_grids()) names.emplace_back(grid.name);
  return names;
}

}  // namespace mhabench
