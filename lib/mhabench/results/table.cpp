#include "mhabench/results/table.h"

#include <algorithm>
#include <map>

#include "mhabench/base/text.h"
#include "mhabench/config/names.h"
#include "mhabench/results/axis_cells.h"
#include "mhabench/results/contenders.h"

namespace mhabench {
namespace {

// More notes of one kind than this say no more to a reader; the results file holds all.
constexpr std::size_t kNotesShown = 20;

std::optional<double> time_of(const std::optional<PathSummary>& path) {
  return path ? path->us : std::nullopt;
}

int bad_rows(const std::optional<PathSummary>& path) {
  return path ? path->wrong + path->failed : 0;
}

// Columns that a run may have or not.
struct Columns {
  bool marks = false;     // some time is the host's
  bool busy = false;      // kernels were traced
  bool verdicts = false;  // paths took turns

  explicit Columns(const std::vector<Pair>& pairs) {
    for (const Pair& pair : pairs) {
      for (const auto* const path : {&pair.slow, &pair.fast}) {
        marks = marks || (*path && (*path)->host_limited);
        busy = busy || (*path && (*path)->busy_us);
      }
      verdicts = verdicts || pair.event_ratio;
    }
  }
};

std::string time_cell(const std::optional<PathSummary>& path, const Columns& columns) {
  const std::string mark = path && path->host_limited ? "h" : " ";
  return or_dash(time_of(path), 1) + (columns.marks ? mark : "");
}

std::string verdict_cell(const std::optional<PairRatio>& ratio) {
  return ratio ? ratio->verdict : "-";
}

Cells headings(const std::vector<Pair>& pairs, const Columns& columns) {
  std::vector<MhaConfig> configs;
  for (const Pair& pair : pairs) configs.push_back(pair.config);
  const std::string mark = columns.marks ? " " : "";
  Cells cells = axis_headings(configs);
  cells.insert(cells.end(), {"slow us" + mark, "fast us" + mark, "speed-up"});
  if (columns.verdicts) cells.emplace_back("faster");
  if (columns.busy) {
    cells.insert(cells.end(), {"slow busy us", "fast busy us", "speed-up"});
    if (columns.verdicts) cells.emplace_back("faster");
  }
  cells.insert(cells.end(), {"padding", "errors"});
  return cells;
}

Cells cells_of(const Pair& pair, const Columns& columns) {
  Cells cells = axis_cells(pair.config);
  cells.insert(cells.end(), {time_cell(pair.slow, columns), time_cell(pair.fast, columns),
                             or_dash(pair.speedup(), 2)});
  if (columns.verdicts) cells.push_back(verdict_cell(pair.event_ratio));
  if (columns.busy) {
    for (const auto* const path : {&pair.slow, &pair.fast}) {
      cells.push_back(or_dash(*path ? (*path)->busy_us : std::nullopt, 1));
    }
    cells.push_back(or_dash(pair.busy_speedup(), 2));
    if (columns.verdicts) cells.push_back(verdict_cell(pair.busy_ratio));
  }
  cells.push_back(fixed(pair.padding, 3));
  cells.push_back(std::to_string(bad_rows(pair.slow) + bad_rows(pair.fast)));
  return cells;
}

std::string wrong_note(const Row& row) {
  std::string note = "wrong: " + row_name(row.path, row.config) + ": ";
  if (row.nonfinite.value_or(0) > 0) {
    return note + std::to_string(*row.nonfinite) + " elements are NaN or inf";
  }
  if (row.worst) {
    note += "feature " + std::to_string(row.worst->feature) + " of token " +
            std::to_string(row.worst->position) + " in sequence " +
            std::to_string(row.worst->sequence) + " is off by " + general(row.worst->error, 3) +
            " (allowed " + general(row.worst->bound, 3) + "); ";
  }
  return note + "relative error " + general(row.rel_err.value_or(0), 3) + " (allowed " +
         general(row.rel_bound.value_or(0), 3) + ')';
}

std::vector<std::string> notes_of(const std::vector<Row>& rows, bool (*wanted)(const Row&),
                                  std::string (*note)(const Row&)) {
  std::vector<std::string> notes;
  for (const Row& row : rows) {
    if (wanted(row)) notes.push_back(note(row));
  }
  return notes;
}

std::string shown(const std::vector<std::string>& notes) {
  std::string text;
  for (std::size_t i = 0; i < std::min(notes.size(), kNotesShown); ++i) text += notes[i] + '\n';
  if (notes.size() > kNotesShown) {
    text += "... and " + std::to_string(notes.size() - kNotesShown) + " more of these\n";
  }
  return text;
}

// Many rows are skipped for one reason: a line a path and reason says it all.
std::string skipped_lines(const std::vector<Row>& rows) {
  std::map<std::string, std::size_t> counts;
  for (const Row& row : rows) {
    if (row.status == RowStatus::skipped) ++counts[row.path + ": " + row.message];
  }
  std::string text;
  for (const auto& [reason, count] : counts) {
    text +=
        "skipped: " + reason + " (" + std::to_string(count) + (count == 1 ? " row)\n" : " rows)\n");
  }
  return text;
}

std::string geomean_line(const std::string& what, const SpeedupSummary& summary) {
  if (summary.count == 0) return {};
  return what + ", geometric mean: " + fixed(summary.geomean, 3) + " over " +
         std::to_string(summary.count) +
         (summary.count == 1 ? " configuration" : " configurations") +
         "; under 1: " + std::to_string(summary.under_one) + '\n';
}

// How often each path is the faster by its rounds.
std::string verdict_line(const std::string& clock, const std::vector<Pair>& pairs,
                         std::optional<PairRatio> Pair::*ratio) {
  std::map<std::string, std::size_t> counts;
  for (const Pair& pair : pairs) {
    if (pair.*ratio) ++counts[(pair.*ratio)->verdict];
  }
  if (counts.empty()) return {};
  std::vector<std::string> parts;
  for (const char* verdict : {"fast", "slow", "undecided"}) {
    parts.push_back(std::string(verdict) + ' ' + std::to_string(counts[verdict]));
  }
  return "Faster by the rounds, " + clock + ": " + join(parts, ", ") + '\n';
}

std::string host_line(const std::vector<Pair>& pairs) {
  if (!Columns(pairs).marks) return {};
  return "h: the host was the limit; the GPU waits for it, and works for the busy time alone\n";
}

// As the script prints it; what it counts is told where it could be taken for wrong rows.
std::string total_errors_line(int disagreements) {
  return "Total errors: " + std::to_string(disagreements) +
         (disagreements == 0
              ? "\n"
              : " (times that fast and slow differ by more than the script's 1e-3)\n");
}

}  // namespace

std::string paired_table(const std::vector<Pair>& pairs) {
  if (pairs.empty()) return {};
  const Columns columns(pairs);
  std::vector<Cells> lines{headings(pairs, columns)};
  for (const Pair& pair : pairs) lines.push_back(cells_of(pair, columns));
  return render(lines);
}

std::string closing_lines(const std::vector<Pair>& pairs, const std::vector<Row>& rows) {
  const auto wrong = notes_of(
      rows,
      [](const Row& row) {
        return row.status == RowStatus::measured && row.errors.value_or(0) != 0;
      },
      wrong_note);
  const auto failed = notes_of(
      rows, [](const Row& row) { return row.status == RowStatus::failed; },
      [](const Row& row) {
        return "failed: " + row_name(row.path, row.config) + ": " + row.message;
      });
  int disagreements = 0;
  bool compared = false;
  for (const Pair& pair : pairs) {
    disagreements += pair.disagreements;
    compared = compared || (time_of(pair.slow) && time_of(pair.fast));
  }
  std::string text = (has_other_paths(rows) ? "" : host_line(pairs)) +
                     geomean_line("Speed-up of fast over slow", summarize(pairs)) +
                     verdict_line("event clock", pairs, &Pair::event_ratio) +
                     geomean_line("The same of the GPU's busy time", summarize_busy(pairs)) +
                     verdict_line("busy time", pairs, &Pair::busy_ratio) + skipped_lines(rows) +
                     shown(failed) + shown(wrong) +
                     "Wrong or failed rows: " + std::to_string(wrong.size() + failed.size()) +
                     " of " + std::to_string(rows.size()) + '\n';
  if (compared) text += total_errors_line(disagreements);
  return text;
}

}  // namespace mhabench
