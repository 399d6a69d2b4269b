#include "bench/run/row_store.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mhabench::bench {
namespace {

bool fits(const Row& row, std::int64_t iterations, double total_seconds) {
  if (row.status != RowStatus::measured) return iterations == 0;
  constexpr double kMicrosecond = 1e-6;
  const double seconds =
      row.real_time_us.value_or(0) * static_cast<double>(row.calls) * kMicrosecond;
  return row.calls == iterations && std::abs(seconds - total_seconds) <= 1e-9 * total_seconds;
}

}  // namespace

void RowStore::put(const std::string& name, Row row) { rows_[name].push_back(std::move(row)); }

std::optional<Row> RowStore::take(const std::string& name, std::int64_t iterations,
                                  double total_seconds) {
  const auto at = rows_.find(name);
  if (at == rows_.end()) return std::nullopt;
  std::vector<Row>& rows = at->second;
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return fits(row, iterations, total_seconds);
  });
  if (found == rows.end()) return std::nullopt;
  Row row = std::move(*found);
  // What came before it was an invocation that was not reported.
  rows.erase(rows.begin(), found + 1);
  return row;
}

}  // namespace mhabench::bench
