#include "mhabench/results/contender_table.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "mhabench/base/text.h"
#include "mhabench/results/axis_cells.h"

namespace mhabench {
namespace {

using Base = std::optional<std::size_t>;

std::string padded(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

// The parts of a path's cell, made as wide as the widest of the column before they are joined.
struct TimeCell {
  std::string us, mark, speedup;
};

std::optional<double> shown_us(const Contenders& contenders, const Contender& contender) {
  return contenders.clock == ContenderClock::busy ? contender.summary.busy_us
                                                  : contender.summary.us;
}

TimeCell time_cell(const Contenders& contenders, const ContenderLine& line, std::size_t path,
                   Base slow) {
  const std::optional<Contender>& contender = line.by_path[path];
  if (!contender || !shown_us(contenders, *contender)) return {"-", " ", ""};
  const std::vector<std::size_t> ranked = contenders.ranking(line);
  const bool wins = ranked.size() > 1 && ranked.front() == path;
  const std::string mark = !contender->summary.right() ? "!" : wins ? "*" : " ";
  const auto speedup = slow && path != *slow ? contenders.speedup(line, *slow, path) : std::nullopt;
  return {fixed(*shown_us(contenders, *contender), 1), mark,
          speedup ? fixed(*speedup, 2) + 'x' : ""};
}

std::vector<std::string> column_of(const Contenders& contenders, std::size_t path, Base slow) {
  std::vector<TimeCell> cells;
  std::size_t us_width = 0;
  std::size_t speedup_width = 0;
  for (const ContenderLine& line : contenders.lines) {
    cells.push_back(time_cell(contenders, line, path, slow));
    us_width = std::max(us_width, cells.back().us.size());
    speedup_width = std::max(speedup_width, cells.back().speedup.size());
  }
  std::vector<std::string> column{contenders.paths[path]};
  for (const TimeCell& cell : cells) {
    std::string text = padded(cell.us, us_width) + cell.mark;
    if (speedup_width > 0) text += padded(cell.speedup, speedup_width + 1);
    column.push_back(std::move(text));
  }
  return column;
}

std::vector<Cells> wide_lines(const Contenders& contenders) {
  std::vector<Cells> lines{axis_headings(contenders.configs()) + Cells{"padding"}};
  for (const ContenderLine& line : contenders.lines) {
    lines.push_back(axis_cells(line.config) + Cells{fixed(line.padding, 3)});
  }
  const Base slow = contenders.index_of("slow");
  for (std::size_t path = 0; path < contenders.paths.size(); ++path) {
    const std::vector<std::string> column = column_of(contenders, path, slow);
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].push_back(column[i]);
  }
  return lines;
}

Cells winner_cells(const Contenders& contenders, const ContenderLine& line, Base slow) {
  const std::vector<std::size_t> ranked = contenders.ranking(line);
  Cells cells(slow ? 5 : 4, "-");
  if (ranked.empty()) return cells;
  const std::size_t winner = ranked.front();
  cells[0] = contenders.paths[winner];
  cells[1] = or_dash(contenders.right_us(line, winner), 1);
  if (ranked.size() > 1) {
    cells[2] = contenders.paths[ranked[1]];
    cells[3] = or_dash(contenders.speedup(line, ranked[1], winner), 2);
  }
  if (slow) cells[4] = or_dash(contenders.speedup(line, *slow, winner), 2);
  return cells;
}

std::vector<Cells> winner_lines(const Contenders& contenders) {
  const Base slow = contenders.index_of("slow");
  Cells headings =
      axis_headings(contenders.configs()) + Cells{"padding", "winner", "us", "second", "over it"};
  if (slow) headings.emplace_back("over slow");
  std::vector<Cells> lines{std::move(headings)};
  for (const ContenderLine& line : contenders.lines) {
    lines.push_back(axis_cells(line.config) + Cells{fixed(line.padding, 3)} +
                    winner_cells(contenders, line, slow));
  }
  return lines;
}

std::string summary_table(const Contenders& contenders) {
  std::vector<Cells> lines{
      {"path", "configurations", "wins", "over slow", "over fast", "over best padded"}};
  for (const ContenderSummary& summary : summarize(contenders)) {
    lines.push_back({summary.path, std::to_string(summary.configurations),
                     std::to_string(summary.wins), or_dash(summary.over_slow, 3),
                     or_dash(summary.over_fast, 3), or_dash(summary.over_padded, 3)});
  }
  return render(lines);
}

}  // namespace

std::string contender_table(const Contenders& contenders, std::size_t width) {
  if (contenders.lines.empty()) return {};
  const std::string clock = name_of(contenders.clock);
  const std::vector<Cells> wide = wide_lines(contenders);
  std::string text;
  if (rendered_width(wide) <= width) {
    text = "By " + clock + " of a call, in us: * is the fastest, ! is wrong" +
           (contenders.index_of("slow") ? ", x is the speed-up over slow\n" : "\n") + render(wide);
  } else {
    text = "Winners by " + clock + " of a call, in us (--save_path keeps every path's)\n" +
           render(winner_lines(contenders));
  }
  return text + "\nSpeed-ups by " + clock + ", geometric means\n" + summary_table(contenders);
}

}  // namespace mhabench
