#include "mhabench/compare/comparison_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>

#include "mhabench/base/text.h"
#include "mhabench/compare/comparison_text.h"

namespace mhabench {
namespace {

// Of rows that are not worse and not better: on a busy host they are the most.
constexpr std::size_t kUndecidedShown = 5;
constexpr std::size_t kPathsShown = 20;
constexpr std::size_t kFilesShown = 4;

std::string significant(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%#.*g", digits, value);
  return text.data();
}

// Four digits or more, so that a change of 2 % shows.
std::string us_text(double us) {
  constexpr double kMostDigits = 1e9;
  return us >= 1000 && us < kMostDigits ? fixed(us, 0) : significant(us, 4);
}

std::string ratio_text(double ratio) {
  return ratio >= 0.1 && ratio < 1000 ? fixed(ratio, 3) : significant(ratio, 4);
}

std::string percent(double share) { return general(share * 100, 3) + " %"; }

std::string interval_text(const std::optional<Interval>& interval) {
  return interval ? ratio_text(interval->low) + " to " + ratio_text(interval->high) : "-";
}

std::string files_text(const Runs& side) {
  std::vector<std::string> names = side.files;
  const std::size_t more = names.size() - std::min(names.size(), kFilesShown);
  names.resize(names.size() - more);
  return one_line(join(names, ", ")) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

std::string side_text(const Runs& side) {
  const std::string noun = side.within_process ? "repetition" : "run";
  return counted(side.count, noun) + (side.by_median ? " (repetitions by their median)" : "") +
         ", " + counted(side.rows.size(), "row") + ": " + files_text(side);
}

std::vector<std::string> opening_lines(const Comparison& all) {
  std::vector<std::string> lines{"BASE   " + side_text(all.base), "NEW    " + side_text(all.next)};
  for (const Difference& difference : all.forced) {
    lines.push_back("FORCED " + one_line(text_of(difference)));
  }
  for (const Difference& difference : all.changed) {
    lines.push_back("differs " + one_line(text_of(difference)));
  }
  if (all.left_out > 0) {
    lines.push_back(counted(all.left_out, "row") + " left out: measured on one side alone");
  }
  lines.push_back("threshold " + percent(all.settings.threshold) + ", false discovery rate " +
                  percent(all.settings.discovery_rate) + ", noise " + noise_text(all));
  return lines;
}

Cells path_headings() {
  return {"clock",  "path",   "rows", "new/base", "95 % interval",
          "slower", "faster", "same", "undecided"};
}

Cells path_cells(const PathComparison& path) {
  Cells cells{std::string(name_of(path.clock)), one_line(path.path), std::to_string(path.rows),
              path.complete > 0 ? fixed(path.ratio.ratio, 4) : "-",
              interval_text(path.ratio.interval)};
  for (const TimeVerdict verdict : kVerdicts) {
    cells.push_back(std::to_string(path.count(verdict)));
  }
  return cells;
}

std::size_t slower_rows(const PathComparison* path) { return path->count(TimeVerdict::slower); }

// Where not all are shown, those with most rows that are slower stand first.
std::vector<Cells> path_table(const Comparison& all, bool every_row) {
  std::vector<const PathComparison*> paths;
  for (const PathComparison& path : all.paths) paths.push_back(&path);
  if (!every_row && paths.size() > kPathsShown) {
    std::ranges::stable_sort(paths, std::ranges::greater{}, slower_rows);
    paths.resize(kPathsShown);
  }
  std::vector<Cells> lines{path_headings()};
  for (const PathComparison* path : paths) lines.push_back(path_cells(*path));
  return lines;
}

std::string time_text(const TimeComparison& time) {
  std::string text = std::string(name_of(time.clock)) + ' ' + ratio_text(time.ratio());
  if (time.interval) text += " (" + interval_text(time.interval) + ')';
  return text + ", " + us_text(time.base_us) + " -> " + us_text(time.next_us) + " us";
}

// Rows of one verdict by one clock, the largest change first.
ComparisonSection section_of(const Comparison& all, Clock clock, TimeVerdict verdict) {
  std::vector<std::pair<double, std::string>> rows;
  for (const RowComparison& row : all.rows) {
    for (const TimeComparison& time : row.times) {
      if (time.clock != clock || time.verdict != verdict) continue;
      rows.emplace_back(std::abs(std::log(time.ratio())),
                        time_text(time) + "  " + one_line(row.name));
    }
  }
  std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.first > b.first; });
  ComparisonSection section{
      std::string(name_of(verdict)) + " by the " + std::string(name_of(clock)) + " clock", {}};
  for (auto& [change, line] : rows) section.lines.push_back(std::move(line));
  return section;
}

// A workflow's runner takes a line of a log that begins so for a command.
std::string name_at_line_start(const RowComparison& row) {
  std::string name = one_line(row.name);
  const bool is_command =
      name.substr(std::min(name.find_first_not_of(' '), name.size())).starts_with("::");
  return is_command ? '\'' + name + '\'' : name;
}

// Rows for which `belongs`, with their notes.
template <typename Belongs>
ComparisonSection section_of(std::string title, const Comparison& all, Belongs belongs) {
  ComparisonSection section{std::move(title), {}};
  for (const RowComparison& row : all.rows) {
    if (!belongs(row)) continue;
    section.lines.push_back(name_at_line_start(row) +
                            (row.note.empty() ? "" : "  (" + row.note + ')'));
  }
  return section;
}

ComparisonSection section_of(const Comparison& all, RowState state) {
  return section_of(std::string(name_of(state)), all,
                    [&](const RowComparison& row) { return row.state == state; });
}

// What a gate decided on is less than what was run.
ComparisonSection partly_compared(const Comparison& all) {
  return section_of("compared with some runs of BASE alone", all, [](const RowComparison& row) {
    return row.state == RowState::compared && !row.note.empty();
  });
}

ComparisonSection uncompared(const Comparison& all) {
  ComparisonSection section{"undecided, for no asked-for clock is on both sides", {}};
  section.most_shown = kUndecidedShown;
  for (const RowComparison& row : all.rows) {
    if (row.state == RowState::compared && row.times.empty()) {
      section.lines.push_back(name_at_line_start(row));
    }
  }
  return section;
}

std::vector<ComparisonSection> sections_of(const Comparison& all, bool every_row) {
  std::vector<ComparisonSection> sections;
  const auto add_states = [&](bool worse) {
    for (const RowState state : kStates) {
      if (is_worse(state) == worse) sections.push_back(section_of(all, state));
    }
  };
  const auto add_times = [&](TimeVerdict verdict) {
    for (const Clock clock : all.settings.clocks)
      sections.push_back(section_of(all, clock, verdict));
  };
  add_states(true);
  add_times(TimeVerdict::slower);
  add_times(TimeVerdict::faster);
  add_times(TimeVerdict::undecided);
  sections.push_back(uncompared(all));
  sections.push_back(partly_compared(all));
  if (every_row) add_times(TimeVerdict::same);
  add_states(false);
  std::erase_if(sections, [](const ComparisonSection& section) { return section.lines.empty(); });
  return sections;
}

std::string more_text(std::size_t all, std::size_t shown) {
  return all <= shown ? "" : "and " + std::to_string(all - shown) + " more (--all shows them)";
}

void cut_short(ComparisonSection& section) {
  section.more = more_text(section.lines.size(), section.most_shown);
  section.lines.resize(std::min(section.lines.size(), section.most_shown));
}

// "2 slower, 1 missing".
std::string worse_kinds(const Comparison& all) {
  std::vector<std::string> kinds;
  std::size_t slower = 0;
  for (const RowComparison& row : all.rows) {
    slower += row.state == RowState::compared && row.is_worse() ? 1 : 0;
  }
  if (slower > 0) kinds.push_back(std::to_string(slower) + " slower");
  for (const RowState state : kStates) {
    const std::size_t count = all.count(state);
    if (count > 0 && is_worse(state)) {
      kinds.push_back(std::to_string(count) + ' ' + std::string(name_of(state)));
    }
  }
  return join(kinds, ", ");
}

}  // namespace

std::string noise_text(const Comparison& all) {
  if (!all.noise_known) {
    return all.noise_from_model
               ? "unknown: the noise model has none of these paths, so that rows beyond the "
                 "threshold stay undecided"
               : "unknown: one run a side and no --noise_model, so that rows beyond the threshold "
                 "stay undecided";
  }
  const bool within = all.base.within_process || all.next.within_process;
  const std::string own = within ? "between repetitions of one process, which know nothing of what "
                                   "differs between runs"
                                 : "between runs";
  if (!all.noise_from_model) return own;
  return all.base.count + all.next.count > 2 ? own + ", and the noise model"
                                             : "from the noise model";
}

std::vector<std::pair<std::string, std::string>> worse_rows(const Comparison& all) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const RowState state : kStates) {
    if (!is_worse(state)) continue;
    for (std::string& line : section_of(all, state).lines) {
      rows.emplace_back(name_of(state), std::move(line));
    }
  }
  for (const Clock clock : all.settings.clocks) {
    ComparisonSection section = section_of(all, clock, TimeVerdict::slower);
    for (std::string& line : section.lines) rows.emplace_back(section.title, std::move(line));
  }
  return rows;
}

std::string comparison_answer(const Comparison& all) {
  const std::string rows = " of " + counted(all.rows.size(), "row");
  if (const std::size_t worse = all.worse(); worse > 0) {
    return "Worse: " + std::to_string(worse) + rows + " (" + worse_kinds(all) + ')';
  }
  if (const std::size_t undecided = all.undecided(); undecided > 0) {
    return "Nothing worse, " + std::to_string(undecided) + rows + " undecided";
  }
  return "Nothing worse";
}

ComparisonReport report_of(const Comparison& all, bool every_row) {
  ComparisonReport report;
  report.opening = opening_lines(all);
  if (!all.paths.empty()) report.paths = path_table(all, every_row);
  if (!every_row) report.more_paths = more_text(all.paths.size(), kPathsShown);
  report.sections = sections_of(all, every_row);
  for (ComparisonSection& section : report.sections) {
    section.title += " (" + std::to_string(section.lines.size()) + ')';
    if (!every_row) cut_short(section);
  }
  report.answer = comparison_answer(all);
  return report;
}

}  // namespace mhabench
