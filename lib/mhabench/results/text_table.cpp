#include "mhabench/results/text_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "mhabench/config/names.h"

namespace mhabench {
namespace {

constexpr std::size_t kColumnGap = 2;

std::string lengths_cell(const LengthsSource& lengths) {
  switch (lengths.kind) {
    case LengthsKind::script:
    case LengthsKind::beta:
      return lengths.beta->str();
    case LengthsKind::replayed:
      return lengths.stem + '.' + std::to_string(lengths.line);
    default:
      return std::string(name_of(lengths.kind));
  }
}

bool is_beta(const MhaConfig& config) { return has_beta(config.lengths.kind); }

std::vector<std::size_t> widths_of(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths(lines.empty() ? 0 : lines.front().size(), 0);
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  return widths;
}

}  // namespace

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string or_dash(const std::optional<double>& value, int digits) {
  return value ? fixed(*value, digits) : "-";
}

Cells axis_headings(const std::vector<MhaConfig>& configs) {
  const bool all_betas = std::ranges::all_of(configs, is_beta);
  return {"dtype", "batch", "seq_len", "embed_dim", "heads", all_betas ? "beta" : "lengths"};
}

Cells axis_cells(const MhaConfig& config) {
  return {std::string(name_of(config.dtype)), std::to_string(config.batch),
          std::to_string(config.seq_len),     std::to_string(config.embed_dim),
          std::to_string(config.heads),       lengths_cell(config.lengths)};
}

std::string render(const std::vector<Cells>& lines) {
  const std::vector<std::size_t> widths = widths_of(lines);
  std::string text;
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      text.append(widths[i] - line[i].size() + (i > 0 ? kColumnGap : 0), ' ');
      text += line[i];
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
