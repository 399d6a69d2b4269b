#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "mhabench/base/text_table.h"
#include "mhabench/compare/comparison.h"

namespace mhabench {

inline constexpr TimeVerdict kVerdicts[] = {TimeVerdict::slower, TimeVerdict::faster,
                                            TimeVerdict::same, TimeVerdict::undecided};
/// Of rows that are no comparison of times, the worse ones first.
inline constexpr RowState kStates[] = {
    RowState::newly_failed, RowState::newly_wrong, RowState::failed, RowState::wrong,
    RowState::missing,      RowState::repaired,    RowState::added,  RowState::skipped};

/// Rows of a kind under a heading that counts them.
struct ComparisonSection {
  std::string title;
  std::vector<std::string> lines;
  std::size_t most_shown = 20;  ///< unless all are asked for
  std::string more = "";        ///< "and 3 more (--all shows them)" if lines were cut
};

/// What is said of a comparison, for a table and for Markdown alike.
struct ComparisonReport {
  std::vector<std::string> opening;  ///< what was compared, and how
  std::vector<Cells> paths;          ///< under their headings; empty if there are none
  std::string more_paths;            ///< how many are not shown; empty if all are
  std::vector<ComparisonSection> sections;
  std::string answer;
};

/// With `every_row` nothing is cut short, and rows that are the same are listed.
ComparisonReport report_of(const Comparison& all, bool every_row);

/// Rows that are worse, each with what it is: "missing", "slower by the busy clock".
std::vector<std::pair<std::string, std::string>> worse_rows(const Comparison& all);

/// Where the noise is known from.
std::string noise_text(const Comparison& all);

}  // namespace mhabench
