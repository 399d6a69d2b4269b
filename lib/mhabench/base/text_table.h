#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mhabench {

/// A line of a table for people, cell by cell.
using Cells = std::vector<std::string>;

/// Both, one behind the other.
Cells operator+(Cells cells, const Cells& more);

/// With so many digits after the point; "-" for what is unknown.
std::string or_dash(const std::optional<double>& value, int digits);

/// Lines of as many cells each under one another, each column as wide as its widest cell; the first
/// `words` columns stand left, the others right. Each line ends with a newline.
std::string render(const std::vector<Cells>& lines, std::size_t words = 0);

/// Columns of the widest line that render() would make.
std::size_t rendered_width(const std::vector<Cells>& lines);

}  // namespace mhabench
