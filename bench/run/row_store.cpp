#include "bench/run/row_store.h"

#include <algorithm>
#include <utility>

namespace mhabench::bench {

void RowStore::put(const std::string& name, Row row) { rows_[name].push_back(std::move(row)); }

std::vector<Row> RowStore::take(const std::string& name, std::size_t repetitions) {
  std::vector<Row> rows = std::exchange(rows_[name], {});
  const std::size_t unreported = rows.size() - std::min(rows.size(), repetitions);
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(unreported));
  return rows;
}

}  // namespace mhabench::bench
