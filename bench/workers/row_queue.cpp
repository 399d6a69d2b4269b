#include "bench/workers/row_queue.h"

#include <utility>

namespace mhabench::bench {

RowQueue::RowQueue(const std::vector<PlannedRow>& rows)
    : rows_(rows), finished_(rows.size()), seen_(rows.size()), left_(rows.size()) {}

void RowQueue::finish(std::size_t place, bool was_seen) {
  if (!finished_[place]) --left_;
  finished_[place] = true;
  seen_[place] = was_seen;
}

std::optional<Assignment> RowQueue::next() {
  Places places = take();
  if (places.empty()) return std::nullopt;
  std::size_t first = places.front();
  while (first > 0 && is_beside(first - 1, first)) --first;
  Assignment assignment{std::move(places), {}};
  for (std::size_t i = first; i < rows_.size() && is_beside(i, first); ++i) {
    if (seen_[i]) assignment.seen.push_back(rows_[i].name);
  }
  return assignment;
}

void RowQueue::give_back(Places places) {
  if (!places.empty()) returned_.push_front(std::move(places));
}

Places RowQueue::take() {
  Places places;
  if (!returned_.empty()) {
    places = std::move(returned_.front());
    returned_.pop_front();
    return places;
  }
  for (; next_ < rows_.size(); ++next_) {
    if (finished_[next_]) continue;
    if (!places.empty() && !is_beside(next_, places.front())) break;
    places.push_back(next_);
  }
  return places;
}

bool RowQueue::is_beside(std::size_t place, std::size_t other) const {
  return rows_[place].config == rows_[other].config;
}

}  // namespace mhabench::bench
