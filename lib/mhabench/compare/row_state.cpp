#include "mhabench/compare/row_state.h"

#include <string>
#include <unordered_map>

#include "mhabench/base/text.h"

namespace mhabench {
namespace {

std::string in_runs(std::size_t count, std::size_t runs) {
  return "in " + std::to_string(count) + " of " + std::to_string(runs) + " runs";
}

std::string with_reason(std::string text, const std::string& reason) {
  if (reason.empty()) return text;
  return text.empty() ? reason : text + ": " + reason;
}

// Says how many runs of several it is about.
std::string share_of_runs(std::size_t count, const Runs& side) {
  return side.count > 1 ? in_runs(count, side.count) : "";
}

// "failed in 1 of 3 runs of BASE", for a row that other runs of it measured right.
std::string base_share(const RunsRow& row, const Runs& side) {
  std::vector<std::string> parts;
  const auto add = [&](const char* what, std::size_t count) {
    if (count > 0) parts.push_back(what + in_runs(count, side.count) + " of BASE");
  };
  add("failed ", row.failed);
  add("wrong ", row.wrong);
  add("skipped ", row.skipped);
  return with_reason(join(parts, ", "), row.message);
}

}  // namespace

std::vector<Both> matched(const Runs& base, const Runs& next) {
  std::vector<Both> rows;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const RunsRow& row : base.rows) {
    index.emplace(row.name, rows.size());
    rows.push_back({&row, nullptr});
  }
  for (const RunsRow& row : next.rows) {
    if (const auto found = index.find(row.name); found != index.end()) {
      rows[found->second].next = &row;
    } else {
      rows.push_back({nullptr, &row});
    }
  }
  return rows;
}

RowComparison state_of(const Both& both, const Comparison& all) {
  RowComparison row;
  const RunsRow& either = both.next != nullptr ? *both.next : *both.base;
  row.name = either.name;
  row.path = either.path;
  const auto set = [&](RowState state, std::string note) {
    row.state = state;
    row.note = one_line(note);
    return row;
  };
  if (both.next == nullptr) return set(RowState::missing, "");
  const RunsRow& next = *both.next;
  const bool is_new = both.base == nullptr;
  if (next.failed > 0) {
    const bool failed_before = !is_new && both.base->failed > 0;
    return set(failed_before ? RowState::failed : RowState::newly_failed,
               with_reason(share_of_runs(next.failed, all.next), next.message));
  }
  if (next.wrong > 0) {
    const bool wrong_before = !is_new && both.base->wrong > 0;
    return set(wrong_before ? RowState::wrong : RowState::newly_wrong,
               share_of_runs(next.wrong, all.next));
  }
  if (is_new) return set(next.measured() > 0 ? RowState::added : RowState::skipped, next.message);
  const RunsRow& base = *both.base;
  if (next.skipped > 0) {
    const std::string share = share_of_runs(next.skipped, all.next);
    if (base.measured() == 0) return set(RowState::skipped, with_reason(share, next.message));
    return set(RowState::missing, with_reason("skipped " + share, next.message));
  }
  if (!all.next.within_process && next.present < all.next.count) {
    return set(RowState::missing, in_runs(all.next.count - next.present, all.next.count));
  }
  if (base.right == 0) {
    const char* const before = base.failed > 0 ? "failed" : base.wrong > 0 ? "wrong" : "skipped";
    return set(RowState::repaired, std::string(before) + " in BASE");
  }
  const bool all_right = base.right == base.present;
  return set(RowState::compared, all_right ? "" : base_share(base, all.base));
}

}  // namespace mhabench
