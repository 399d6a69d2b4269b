#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mhabench/config/config.h"

namespace mhabench {

/// One batch out of a lengths file. A plain line holds lengths alone: batch and seq_len follow from
/// them and the grid gives the widths. A dumped line is one configuration, and `fixed` holds its
/// axes.
struct LengthsLine {
  struct Fixed {
    std::int64_t seq_len = 0;
    std::int64_t embed_dim = 0;
    std::int64_t heads = 0;
    std::optional<Decimal> beta;

    friend bool operator==(const Fixed&, const Fixed&) = default;
  };

  std::string stem;
  int line = 0;
  std::vector<std::int64_t> lengths;
  std::optional<Fixed> fixed;

  friend bool operator==(const LengthsLine&, const LengthsLine&) = default;
};

/// The axes of a sweep. If `lines` is not empty, they replace batches, seq_lens, lengths and
/// betas. Only the kinds script and beta use `betas`.
struct Grid {
  std::string name;
  std::vector<Dtype> dtypes;
  std::vector<std::int64_t> batches;
  std::vector<std::int64_t> seq_lens;
  std::vector<std::int64_t> embed_dims;
  std::vector<std::int64_t> heads;
  LengthsKind lengths = LengthsKind::script;
  std::vector<Decimal> betas;
  std::vector<LengthsLine> lines;
};

/// A grid as configurations, dtype outermost, then batch, seq_len, embed_dim, heads, beta (the
/// script's order), and the pairs of embed_dim and heads left out because they do not divide, as
/// "512/12".
struct Expansion {
  std::vector<MhaConfig> configs;
  std::vector<std::string> dropped;
};

/// Throws InputError where no configuration is left, where there are more than 1,000,000 (pairs to
/// be dropped included), and for a dumped line whose heads do not divide its embed_dim.
Expansion expand(const Grid& grid);

/// "script": the 1280 configurations of PyTorch's script. "quick": a corner of it that touches each
/// axis. "cpu": small enough for two cores, with sizes at which either path wins. Throws InputError
/// that lists the names.
Grid named_grid(std::string_view name);
std::vector<std::string> grid_names();

}  // namespace mhabench
