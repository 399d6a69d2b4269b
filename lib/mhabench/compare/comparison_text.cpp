#include "mhabench/compare/comparison_text.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "mhabench/base/text.h"
#include "mhabench/compare/comparison_report.h"

namespace mhabench {
namespace {

constexpr std::size_t kAnnotationsShown = 10;

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

}  // namespace

std::string comparison_table(const Comparison& all, bool every_row) {
  const ComparisonReport report = report_of(all, every_row);
  constexpr std::size_t kWords = 2;  // columns: clock and path
  std::string text = join(report.opening, "\n") + '\n';
  if (!report.paths.empty()) text += '\n' + render(report.paths, kWords);
  if (!report.more_paths.empty()) text += report.more_paths + '\n';
  for (const ComparisonSection& section : report.sections) {
    text += '\n' + section.title + ":\n";
    for (const std::string& line : section.lines) text += "  " + line + '\n';
    if (!section.more.empty()) text += "  " + section.more + '\n';
  }
  return text + '\n' + report.answer + '\n';
}

std::string comparison_markdown(const Comparison& all, bool every_row) {
  const ComparisonReport report = report_of(all, every_row);
  std::string text = "**" + report.answer + "**\n\n";
  for (const std::string& line : report.opening) text += "- " + markdown_text(line) + '\n';
  for (std::size_t i = 0; i < report.paths.size(); ++i) {
    text += (i == 0 ? "\n" : "") + markdown_line(report.paths[i]);
    if (i == 0) text += "|---|---|---:|---:|---:|---:|---:|---:|---:|\n";
  }
  if (!report.more_paths.empty()) text += '\n' + report.more_paths + '\n';
  for (const ComparisonSection& section : report.sections) {
    text += "\n<details><summary>" + section.title + "</summary>\n\n";
    for (const std::string& line : section.lines) text += "- `" + markdown_text(line) + "`\n";
    if (!section.more.empty()) text += "- " + section.more + '\n';
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

}  // namespace mhabench
