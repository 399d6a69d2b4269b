#include "bench/run/planned_row.h"

namespace mhabench::bench {

std::vector<std::size_t> configurations_of(const std::vector<PlannedRow>& rows) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool is_another = i > 0 && rows[i].config != rows[i - 1].config;
    indices.push_back(i == 0 ? 0 : indices.back() + (is_another ? 1 : 0));
  }
  return indices;
}

}  // namespace mhabench::bench
