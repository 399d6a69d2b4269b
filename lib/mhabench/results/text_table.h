#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mhabench/config/config.h"

namespace mhabench {

/// A line of a table for people, cell by cell.
using Cells = std::vector<std::string>;

/// "%.*f".
std::string fixed(double value, int digits);
/// The same, or "-" for what is unknown.
std::string or_dash(const std::optional<double>& value, int digits);

/// The headings of a configuration's axes: dtype, batch, seq_len, embed_dim, heads, and "beta", or
/// "lengths" where some of `configs` have none.
Cells axis_headings(const std::vector<MhaConfig>& configs);
/// The axes themselves.
Cells axis_cells(const MhaConfig& config);

/// Lines of as many cells each under one another, columns right-aligned and as wide as their widest
/// cell; each line ends with a newline.
std::string render(const std::vector<Cells>& lines);

/// Columns of the widest line that render() would make.
std::size_t rendered_width(const std::vector<Cells>& lines);

}  // namespace mhabench
