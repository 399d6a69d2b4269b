#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/cli/options.h"
#include "bench/run/planned_row.h"
#include "bench/run/row_store.h"
#include "mhabench/results/journal.h"
#include "mhabench/results/row.h"

namespace mhabench::bench {

/// Ends a run before its last row; thrown after a row is reported. what() is one line with the
/// reason, status() the program's exit status.
class CutShort : public std::runtime_error {
 public:
  CutShort(const std::string& why, int status) : std::runtime_error(why), status_(status) {}

  int status() const { return status_; }

 private:
  int status_;
};

/// Keeps a run's rows on disk while it runs, and takes over those of a run that did not end. With
/// --benchmark_out=FILE the journal is beside FILE, and only this process may use it. Without it,
/// or if FILE is no regular file, nothing is kept.
class RunJournal {
 public:
  /// `context` is the results file's. Says on stderr what is gone on with. Throws InputError that
  /// names the journal: another process holds it, it cannot be read or written, it holds rows and
  /// --resume is not given, it is of another run (what differs; --resume=force goes on and enters
  /// that into the context).
  RunJournal(const Options& options, const std::vector<PlannedRow>& plan,
             nlohmann::ordered_json context);

  const nlohmann::ordered_json& context() const { return context_; }

  const std::vector<KeptRow>& kept() const { return kept_; }
  bool has(const std::string& name) const { return names_.contains(name); }

  /// FILE held all rows from the start: it is not written again.
  bool file_stands() const { return file_stands_; }

  bool journalled() const { return journal_.has_value(); }

  /// The rows that are run now. If the paths of a configuration take turns, its rows finish
  /// together: none is kept without the others, or its pairs would be lost.
  void expect(const std::vector<PlannedRow>& rows, bool in_turns);

  /// Whether rows wait for others to be kept with them.
  bool waits() const { return !waiting_.empty(); }

  /// A row begins. If that cannot be written, finish_row throws.
  void begin_row(const std::string& name) noexcept;

  /// On disk when it returns. Throws CutShort that names the row if it cannot be written.
  void finish_row(const FinishedRow& row);

  /// The same for rows that finish together, without waiting for others.
  void finish(const std::vector<FinishedRow>& rows);

  /// FILE stands whole: what was kept is not needed any more.
  void settle();

  /// One line that says where the rows are kept and how to resume. If no row finished, removes the
  /// journal and returns an empty line.
  std::string how_to_go_on();

 private:
  void begin(const Options& options, const std::vector<PlannedRow>& plan);
  void resume(const Options& options, const std::vector<PlannedRow>& plan, JournalContent found);
  void keep(std::vector<KeptRow> rows);
  bool take_file(const std::string& out, const std::vector<PlannedRow>& plan,
                 std::size_t repetitions);

  nlohmann::ordered_json context_;
  std::optional<Journal> journal_;
  std::vector<KeptRow> kept_;
  std::unordered_set<std::string> names_;
  std::optional<std::string> failure_;                     // of begin_row
  std::unordered_map<std::string, std::size_t> group_of_;  // by the row's name
  std::vector<std::size_t> left_;                          // rows of each group
  std::vector<FinishedRow> waiting_;
  std::size_t journalled_rows_ = 0;
  bool file_stands_ = false;
};

/// A finished row with the rows behind its repetitions. `config` is the plan's, null if the plan
/// has no such row. Throws InputError that names `source` if an entry is no report.
KeptRow kept_row(const FinishedRow& finished, const MhaConfig* config, const std::string& source);

/// Which rows a run has, and the lengths that names do not hold, for the context.
nlohmann::ordered_json rows_summary(const std::vector<PlannedRow>& plan);

}  // namespace mhabench::bench
