#include "mhabench/compare/comparison_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mhabench/base/text.h"
#include "mhabench/results/comparability.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<std::string>;

constexpr std::size_t kRowsShown = 20;
// Of rows that are not worse and not better: on a busy host they are the most.
constexpr std::size_t kUndecidedShown = 5;
constexpr std::size_t kPathsShown = 20;
constexpr std::size_t kAnnotationsShown = 10;
constexpr std::size_t kFilesShown = 4;

constexpr TimeVerdict kVerdicts[] = {TimeVerdict::slower, TimeVerdict::faster, TimeVerdict::same,
                                     TimeVerdict::undecided};
// Rows that are no comparison of times, the worse ones first.
constexpr RowState kStates[] = {RowState::newly_failed, RowState::newly_wrong, RowState::failed,
                                RowState::wrong,        RowState::missing,     RowState::repaired,
                                RowState::added,        RowState::skipped};

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

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

std::string percent(double share) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3g %%", share * 100);
  return text.data();
}

std::string interval_text(const std::optional<double>& low, const std::optional<double>& high) {
  if (!low || !high) return "-";
  return ratio_text(*low) + " to " + ratio_text(*high);
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
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
              path.complete > 0 ? fixed(path.ratio, 4) : "-", interval_text(path.low, path.high)};
  for (const TimeVerdict verdict : kVerdicts) {
    const auto found = path.verdicts.find(verdict);
    cells.push_back(std::to_string(found == path.verdicts.end() ? 0 : found->second));
  }
  return cells;
}

std::size_t slower_rows(const PathComparison& path) {
  const auto found = path.verdicts.find(TimeVerdict::slower);
  return found == path.verdicts.end() ? 0 : found->second;
}

std::size_t paths_shown(const Comparison& all, bool every_row) {
  return every_row ? all.paths.size() : std::min(all.paths.size(), kPathsShown);
}

// Where not all are shown, those with most rows that are slower stand first.
std::vector<Cells> path_table(const Comparison& all, bool every_row) {
  std::vector<const PathComparison*> paths;
  for (const PathComparison& path : all.paths) paths.push_back(&path);
  if (const std::size_t count = paths_shown(all, every_row); count < paths.size()) {
    std::ranges::stable_sort(paths, std::ranges::greater{},
                             [](const PathComparison* path) { return slower_rows(*path); });
    paths.resize(count);
  }
  std::vector<Cells> lines{path_headings()};
  for (const PathComparison* path : paths) lines.push_back(path_cells(*path));
  return lines;
}

// The first two columns are words and stand left.
std::string aligned(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string blanks(widths[i] - line[i].size(), ' ');
      text += (i > 0 ? "  " : "") + (i < 2 ? line[i] + blanks : blanks + line[i]);
    }
    text += '\n';
  }
  return text;
}

// A kind of rows under a heading, and how many of them there are.
struct Section {
  std::string title;
  std::vector<std::string> lines;
  std::size_t most_shown = kRowsShown;
};

std::string time_text(const TimeComparison& time) {
  std::string text = std::string(name_of(time.clock)) + ' ' + ratio_text(time.ratio());
  if (time.low) text += " (" + interval_text(time.low, time.high) + ')';
  return text + ", " + us_text(time.base_us) + " -> " + us_text(time.next_us) + " us";
}

// Rows of one verdict by one clock, the largest change first.
Section section_of(const Comparison& all, Clock clock, TimeVerdict verdict) {
  std::vector<std::pair<double, std::string>> rows;
  for (const RowComparison& row : all.rows) {
    for (const TimeComparison& time : row.times) {
      if (time.clock != clock || time.verdict != verdict) continue;
      rows.emplace_back(std::abs(std::log(time.ratio())),
                        time_text(time) + "  " + one_line(row.name));
    }
  }
  std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.first > b.first; });
  Section section{
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

Section section_of(const Comparison& all, RowState state) {
  Section section{std::string(name_of(state)), {}, kRowsShown};
  for (const RowComparison& row : all.rows) {
    if (row.state != state) continue;
    section.lines.push_back(name_at_line_start(row) +
                            (row.note.empty() ? "" : "  (" + row.note + ')'));
  }
  return section;
}

// What a gate decided on is less than what was run.
Section partly_compared(const Comparison& all) {
  Section section{"compared with some runs of BASE alone", {}, kRowsShown};
  for (const RowComparison& row : all.rows) {
    if (row.state != RowState::compared || row.note.empty()) continue;
    section.lines.push_back(name_at_line_start(row) + "  (" + row.note + ')');
  }
  return section;
}

Section uncompared(const Comparison& all) {
  Section section{"undecided, for no asked-for clock is on both sides", {}, kUndecidedShown};
  for (const RowComparison& row : all.rows) {
    if (row.state == RowState::compared && row.times.empty()) {
      section.lines.push_back(name_at_line_start(row));
    }
  }
  return section;
}

std::vector<Section> sections_of(const Comparison& all, bool every_row) {
  std::vector<Section> sections;
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
  std::erase_if(sections, [](const Section& section) { return section.lines.empty(); });
  return sections;
}

std::size_t shown(const Section& section, bool every_row) {
  return every_row ? section.lines.size() : std::min(section.lines.size(), section.most_shown);
}

std::string more_text(std::size_t more) {
  return more == 0 ? "" : "and " + std::to_string(more) + " more (--all shows them)";
}

std::string more_text(const Section& section, bool every_row) {
  return more_text(section.lines.size() - shown(section, every_row));
}

std::string more_paths_text(const Comparison& all, bool every_row) {
  return more_text(all.paths.size() - paths_shown(all, every_row));
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

// As GitHub's runner reads them back.
std::string escaped(std::string_view text, bool is_property) {
  std::string result;
  for (const char c : text) {
    if (c == '%') {
      result += "%25";
    } else if (c == '\n' || c == '\r') {
      result += c == '\n' ? "%0A" : "%0D";
    } else if (is_property && (c == ':' || c == ',')) {
      result += c == ':' ? "%3A" : "%2C";
    } else {
      result += c;
    }
  }
  return result;
}

std::string annotation(const std::string& command, const std::string& title,
                       const std::string& text) {
  return "::" + command + " title=" + escaped(title, true) + "::" + escaped(text, false) + '\n';
}

// A row that is worse, why in its title.
std::vector<std::pair<std::string, std::string>> worse_rows(const Comparison& all) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const RowState state : kStates) {
    if (!is_worse(state)) continue;
    for (std::string& line : section_of(all, state).lines) {
      rows.emplace_back(name_of(state), std::move(line));
    }
  }
  for (const Clock clock : all.settings.clocks) {
    Section section = section_of(all, clock, TimeVerdict::slower);
    for (std::string& line : section.lines) rows.emplace_back(section.title, std::move(line));
  }
  return rows;
}

// A pipe ends a cell, a backquote a name.
std::string markdown_text(std::string text) {
  std::ranges::replace(text, '`', '\'');
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string markdown_line(const Cells& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += ' ' + markdown_text(cell) + " |";
  return line + '\n';
}

template <typename T>
void add(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

Json json_of(const Runs& side) {
  Json json;
  json["files"] = side.files;
  json["runs"] = side.count;
  json["within_process"] = side.within_process;
  json["by_median"] = side.by_median;
  json["rows"] = side.rows.size();
  return json;
}

Json json_of(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (const Difference& difference : differences) {
    list.push_back({{"key", difference.key}, {"base", difference.base}, {"new", difference.next}});
  }
  return list;
}

Json json_of(const TimeComparison& time) {
  Json json;
  json["base_us"] = time.base_us;
  json["new_us"] = time.next_us;
  json["ratio"] = time.ratio();
  add(json, "low", time.low);
  add(json, "high", time.high);
  add(json, "run_sd", time.deviation);
  if (time.deviation) json["freedom"] = time.freedom;
  add(json, "p_slower", time.p_slower);
  add(json, "p_faster", time.p_faster);
  add(json, "fdr_slower", time.rate_slower);
  add(json, "fdr_faster", time.rate_faster);
  json["verdict"] = name_of(time.verdict);
  return json;
}

Json json_of(const RowComparison& row) {
  Json json;
  json["name"] = row.name;
  json["path"] = row.path;
  json["state"] = name_of(row.state);
  json["worse"] = row.is_worse();
  if (!row.note.empty()) json["note"] = row.note;
  for (const TimeComparison& time : row.times) {
    json["clocks"][std::string(name_of(time.clock))] = json_of(time);
  }
  return json;
}

Json json_of(const PathComparison& path) {
  Json json;
  json["path"] = path.path;
  json["clock"] = name_of(path.clock);
  json["rows"] = path.rows;
  if (path.complete > 0) json["ratio"] = path.ratio;
  add(json, "low", path.low);
  add(json, "high", path.high);
  for (const TimeVerdict verdict : kVerdicts) {
    const auto found = path.verdicts.find(verdict);
    json[std::string(name_of(verdict))] = found == path.verdicts.end() ? 0 : found->second;
  }
  return json;
}

Json counts_json(const Comparison& all) {
  Json json;
  json["rows"] = all.rows.size();
  json["worse"] = all.worse();
  json["undecided"] = all.undecided();
  json["compared"] = all.count(RowState::compared);
  if (all.settings.common) json["left_out"] = all.left_out;
  for (const RowState state : kStates) json[std::string(name_of(state))] = all.count(state);
  return json;
}

}  // namespace

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

std::string comparison_table(const Comparison& all, bool every_row) {
  std::string text = join(opening_lines(all), "\n") + "\n";
  if (!all.paths.empty()) text += '\n' + aligned(path_table(all, every_row));
  if (const std::string more = more_paths_text(all, every_row); !more.empty()) text += more + '\n';
  for (const Section& section : sections_of(all, every_row)) {
    text += '\n' + section.title + " (" + std::to_string(section.lines.size()) + "):\n";
    for (std::size_t i = 0; i < shown(section, every_row); ++i) {
      text += "  " + section.lines[i] + '\n';
    }
    const std::string more = more_text(section, every_row);
    if (!more.empty()) text += "  " + more + '\n';
  }
  return text + '\n' + comparison_answer(all) + '\n';
}

std::string comparison_markdown(const Comparison& all, bool every_row) {
  std::string text = "**" + comparison_answer(all) + "**\n\n";
  for (const std::string& line : opening_lines(all)) text += "- " + markdown_text(line) + '\n';
  if (!all.paths.empty()) {
    const std::vector<Cells> lines = path_table(all, every_row);
    text +=
        '\n' + markdown_line(lines.front()) + "|---|---|" + "---:|---:|---:|---:|---:|---:|---:|\n";
    for (std::size_t i = 1; i < lines.size(); ++i) text += markdown_line(lines[i]);
  }
  if (const std::string more = more_paths_text(all, every_row); !more.empty()) {
    text += '\n' + more + '\n';
  }
  for (const Section& section : sections_of(all, every_row)) {
    text += "\n<details><summary>" + section.title + " (" + std::to_string(section.lines.size()) +
            ")</summary>\n\n";
    for (std::size_t i = 0; i < shown(section, every_row); ++i) {
      text += "- `" + markdown_text(section.lines[i]) + "`\n";
    }
    const std::string more = more_text(section, every_row);
    if (!more.empty()) text += "- " + more + '\n';
    text += "\n</details>\n";
  }
  return text;
}

std::string comparison_annotations(const Comparison& all) {
  std::string text;
  const auto rows = worse_rows(all);
  const std::size_t single = rows.size() > kAnnotationsShown ? kAnnotationsShown - 1 : rows.size();
  for (std::size_t i = 0; i < single; ++i) {
    text += annotation("error", rows[i].first, rows[i].second);
  }
  if (single < rows.size()) {
    text += annotation("error", "mha_compare",
                       "and " + std::to_string(rows.size() - single) + " more that are worse");
  }
  for (const Difference& difference : all.forced) {
    text += annotation("warning", "compared by force", one_line(text_of(difference)));
  }
  if (const std::size_t undecided = all.undecided(); undecided > 0) {
    text += annotation("warning", "undecided",
                       counted(undecided, "row") + "; noise " + noise_text(all));
  }
  return text + annotation("notice", "mha_compare", comparison_answer(all));
}

std::string comparison_json(const Comparison& all) {
  Json json;
  json["mhabench_comparison"] = 1;
  json["answer"] = comparison_answer(all);
  json["threshold"] = all.settings.threshold;
  json["false_discovery_rate"] = all.settings.discovery_rate;
  json["noise"] = noise_text(all);
  json["base"] = json_of(all.base);
  json["new"] = json_of(all.next);
  json["forced"] = json_of(all.forced);
  json["changed"] = json_of(all.changed);
  json["counts"] = counts_json(all);
  json["paths"] = Json::array();
  for (const PathComparison& path : all.paths) json["paths"].push_back(json_of(path));
  json["rows"] = Json::array();
  for (const RowComparison& row : all.rows) json["rows"].push_back(json_of(row));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace mhabench
