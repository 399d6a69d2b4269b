#include "mhabench/results/axis_cells.h"

#include <algorithm>
#include <string>

#include "mhabench/config/names.h"

namespace mhabench {
namespace {

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

}  // namespace

Cells axis_headings(const std::vector<MhaConfig>& configs) {
  const bool all_betas = std::ranges::all_of(configs, is_beta);
  return {"dtype", "batch", "seq_len", "embed_dim", "heads", all_betas ? "beta" : "lengths"};
}

Cells axis_cells(const MhaConfig& config) {
  return {std::string(name_of(config.dtype)), std::to_string(config.batch),
          std::to_string(config.seq_len),     std::to_string(config.embed_dim),
          std::to_string(config.heads),       lengths_cell(config.lengths)};
}

}  // namespace mhabench
