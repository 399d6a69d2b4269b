#pragma once

#include <string>

#include "mhabench/compare/comparison.h"

namespace mhabench {

/// What was compared, the paths by clock, and the rows that are not the same: those that are worse
/// first, the largest change first, 20 of a kind (5 undecided ones) and 20 lines of paths unless
/// `all`; ends with the answer in a line.
std::string comparison_table(const Comparison& comparison, bool all);

/// The same in Markdown, for a pull request.
std::string comparison_markdown(const Comparison& comparison, bool all);

/// GitHub's workflow commands: an error for each row that is worse, a warning where rows are
/// undecided, a notice with the answer. GitHub shows 10 of a kind, so that the tenth tells how many
/// there are more.
std::string comparison_annotations(const Comparison& comparison);

/// Everything, as one JSON object: each row, with its times by clock, and each path.
std::string comparison_json(const Comparison& comparison);

/// "Worse: 3 of 2560 rows (2 slower, 1 missing)", "Nothing worse", "Nothing worse, 4 of 96 rows
/// undecided".
std::string comparison_answer(const Comparison& comparison);

}  // namespace mhabench
