#include "mhabench/base/text_table.h"

#include <algorithm>
#include <numeric>

#include "mhabench/base/text.h"

namespace mhabench {
namespace {

constexpr std::size_t kColumnGap = 2;

std::vector<std::size_t> widths_of(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths(lines.empty() ? 0 : lines.front().size(), 0);
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  return widths;
}

}  // namespace

Cells operator+(Cells cells, const Cells& more) {
  cells.insert(cells.end(), more.begin(), more.end());
  return cells;
}

std::string or_dash(const std::optional<double>& value, int digits) {
  return value ? fixed(*value, digits) : "-";
}

std::string render(const std::vector<Cells>& lines, std::size_t words) {
  const std::vector<std::size_t> widths = widths_of(lines);
  std::string text;
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string blanks(widths[i] - line[i].size(), ' ');
      text.append(i > 0 ? kColumnGap : 0, ' ');
      text += i < words ? line[i] + blanks : blanks + line[i];
    }
    text += '\n';
  }
  return text;
}

std::size_t rendered_width(const std::vector<Cells>& lines) {
  const std::vector<std::size_t> widths = widths_of(lines);
  if (widths.empty()) return 0;
  return std::accumulate(widths.begin(), widths.end(), kColumnGap * (widths.size() - 1));
}

}  // namespace mhabench
