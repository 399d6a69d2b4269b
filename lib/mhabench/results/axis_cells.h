#pragma once

#include <vector>

#include "mhabench/base/text_table.h"
#include "mhabench/config/config.h"

namespace mhabench {

/// The headings of a configuration's axes: dtype, batch, seq_len, embed_dim, heads, and "beta", or
/// "lengths" where some of `configs` have none.
Cells axis_headings(const std::vector<MhaConfig>& configs);
/// The axes themselves.
Cells axis_cells(const MhaConfig& config);

}  // namespace mhabench
