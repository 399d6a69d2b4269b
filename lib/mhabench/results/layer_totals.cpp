#include "mhabench/results/layer_totals.h"

#include <algorithm>
#include <utility>

#include "mhabench/base/grouped.h"
#include "mhabench/base/text.h"
#include "mhabench/config/names.h"
#include "mhabench/results/axis_cells.h"

namespace mhabench {
namespace {

// Beyond this many lines a list says no more to a reader; the CSV holds all.
constexpr std::size_t kLinesShown = 200;

std::optional<double> total_us(const ContenderLine& line, std::size_t path, int layers) {
  return line.by_path[path] ? layer_total_us(*line.by_path[path], layers) : std::nullopt;
}

// Of the padded paths that are as the path is, a graph or none.
std::optional<double> best_padded_total_us(const Contenders& contenders, const ContenderLine& line,
                                           std::size_t path, int layers) {
  const bool graphs = is_graph_path(contenders.paths[path]);
  std::optional<double> best;
  for (std::size_t other = 0; other < contenders.paths.size(); ++other) {
    const std::string& name = contenders.paths[other];
    const auto us = total_us(line, other, layers);
    if (us && is_padded_path(name) && is_graph_path(name) == graphs) {
      best = std::min(*us, best.value_or(*us));
    }
  }
  return best;
}

// Without a padded path's total nothing is beaten.
bool has_totals(const Contenders& contenders) {
  return std::ranges::any_of(contenders.lines, [&](const ContenderLine& line) {
    int known = 0;
    bool padded = false;
    for (std::size_t path = 0; path < contenders.paths.size(); ++path) {
      if (!total_us(line, path, 1)) continue;
      ++known;
      padded = padded || is_padded_path(contenders.paths[path]);
    }
    return padded && known > 1;
  });
}

std::optional<std::size_t> least(const Contenders& contenders, const ContenderLine& line,
                                 int layers) {
  std::optional<std::size_t> found;
  for (std::size_t path = 0; path < contenders.paths.size(); ++path) {
    const auto us = total_us(line, path, layers);
    if (us && (!found || *us < *total_us(line, *found, layers))) found = path;
  }
  return found;
}

Cells least_cells(const Contenders& contenders, const ContenderLine& line, int layers) {
  const std::optional<std::size_t> path = least(contenders, line, layers);
  if (!path) return {"-", "-", "-"};
  const double us = *total_us(line, *path, layers);
  const auto padded_us = best_padded_total_us(contenders, line, *path, layers);
  return {contenders.paths[*path], fixed(us, 1),
          or_dash(padded_us ? std::optional(*padded_us / us) : std::nullopt, 2)};
}

std::string totals_table(const Contenders& contenders) {
  Cells headings = axis_headings(contenders.configs()) + Cells{"padding"};
  for (const int layers : kLayerCounts) {
    headings = std::move(headings) + Cells{"L = " + std::to_string(layers), "us", "over padded"};
  }
  std::vector<Cells> lines{std::move(headings)};
  for (const ContenderLine& line : contenders.lines) {
    if (lines.size() > kLinesShown) break;
    Cells cells = axis_cells(line.config) + Cells{fixed(line.padding, 3)};
    for (const int layers : kLayerCounts) {
      cells = std::move(cells) + least_cells(contenders, line, layers);
    }
    lines.push_back(std::move(cells));
  }
  std::string text =
      "Least total of packing, L calls and unpacking, by event time\n" + render(lines);
  if (contenders.lines.size() > kLinesShown) {
    text += "... and " + std::to_string(contenders.lines.size() - kLinesShown) +
            " more (--save_path keeps all)\n";
  }
  return text;
}

// Lines of configurations that differ in their lengths alone.
using Series = std::vector<const ContenderLine*>;

std::vector<Series> series_of(const Contenders& contenders) {
  return grouped(contenders.lines, [](const ContenderLine& line) {
    MhaConfig shape = line.config;
    shape.lengths = {LengthsKind::full, std::nullopt, "", 0, {}};
    return config_name(shape);
  });
}

std::string break_even_text(const Contenders& contenders, const Series& series, std::size_t path,
                            int layers) {
  std::vector<TotalsAtPadding> totals;
  for (const ContenderLine* const line : series) {
    const auto padded_us = best_padded_total_us(contenders, *line, path, layers);
    const auto path_us = total_us(*line, path, layers);
    if (padded_us && path_us) totals.push_back({line->padding, *padded_us, *path_us});
  }
  return totals.empty() ? "-" : text_of(break_even(std::move(totals)));
}

Cells shape_cells(const MhaConfig& config) {
  Cells cells = axis_cells(config);
  cells.pop_back();  // the lengths, which a series runs over
  return cells;
}

std::string padding_range(const Series& series) {
  const auto [low, high] = std::ranges::minmax(
      series, {}, [](const ContenderLine* const line) { return line->padding; });
  return fixed(low->padding, 2) + ".." + fixed(high->padding, 2);
}

std::vector<Cells> series_headings(const std::vector<Series>& series) {
  Cells headings = axis_headings({});
  headings.back() = "padding";
  std::vector<Cells> lines{std::move(headings)};
  for (const Series& one : series) {
    lines.push_back(shape_cells(one.front()->config) + Cells{padding_range(one)});
  }
  return lines;
}

std::vector<std::string> break_even_column(const Contenders& contenders,
                                           const std::vector<Series>& series, std::size_t path) {
  std::vector<std::string> column{contenders.paths[path]};
  for (const Series& one : series) {
    column.push_back(break_even_text(contenders, one, path, kLayerCounts[0]) + " / " +
                     break_even_text(contenders, one, path, kLayerCounts[1]));
  }
  return column;
}

void append_column(std::vector<Cells>& lines, const std::vector<std::string>& column) {
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i].push_back(column[i]);
}

// Columns that do not fit go to a block of their own below.
std::string break_even_table(const Contenders& contenders, std::size_t width) {
  const std::vector<Series> series = series_of(contenders);
  const std::vector<Cells> headings = series_headings(series);
  std::string text;
  std::vector<Cells> block = headings;
  for (std::size_t path = 0; path < contenders.paths.size(); ++path) {
    if (is_padded_path(contenders.paths[path])) continue;
    const auto column = break_even_column(contenders, series, path);
    std::vector<Cells> wider = block;
    append_column(wider, column);
    if (rendered_width(wider) > width && block.front().size() > headings.front().size()) {
      text += render(block);
      wider = headings;
      append_column(wider, column);
    }
    block = std::move(wider);
  }
  if (block.front().size() == headings.front().size()) return {};
  return "\nPadding from which a ragged path's total beats the best padded one's, L = " +
         std::to_string(kLayerCounts[0]) + " / " + std::to_string(kLayerCounts[1]) + '\n' + text +
         render(block);
}

}  // namespace

std::optional<double> layer_total_us(const Contender& contender, int layers) {
  if (!contender.summary.right() || !contender.summary.us || !contender.pack_us ||
      !contender.unpack_us) {
    return std::nullopt;
  }
  return *contender.pack_us + layers * *contender.summary.us + *contender.unpack_us;
}

BreakEven break_even(std::vector<TotalsAtPadding> series) {
  std::ranges::stable_sort(series, {}, &TotalsAtPadding::padding);
  const auto gain = [](const TotalsAtPadding& at) { return at.base_us - at.path_us; };
  const auto last_loss = std::find_if(series.rbegin(), series.rend(),
                                      [&](const TotalsAtPadding& at) { return gain(at) <= 0; });
  if (last_loss == series.rend()) return {BreakEven::Kind::always, 0};
  if (last_loss == series.rbegin()) return {BreakEven::Kind::never, 0};
  const TotalsAtPadding& loss = *last_loss;
  const TotalsAtPadding& win = *std::prev(last_loss);
  const double share = -gain(loss) / (gain(win) - gain(loss));
  return {BreakEven::Kind::from, loss.padding + share * (win.padding - loss.padding)};
}

std::string text_of(const BreakEven& break_even) {
  switch (break_even.kind) {
    case BreakEven::Kind::always:
      return "always";
    case BreakEven::Kind::never:
      return "never";
    case BreakEven::Kind::from:
      return fixed(break_even.padding, 2);
  }
  return {};
}

std::string layer_totals(const Contenders& contenders, std::size_t width) {
  if (!has_totals(contenders)) return {};
  return totals_table(contenders) + break_even_table(contenders, width);
}

}  // namespace mhabench
