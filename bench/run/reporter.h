#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "bench/cli/options.h"
#include "bench/console/progress.h"
#include "bench/run/row_store.h"
#include "mhabench/results/journal.h"
#include "mhabench/results/row.h"

namespace mhabench::bench {

/// Where a row stands in its run, and who is told when it is over.
struct RunOrder {
  /// From 0, by name as registered; rows that are missing stand last.
  std::unordered_map<std::string, std::size_t> positions;
  /// Called with each row once all its repetitions and aggregates are reported. What it throws
  /// ends the run: the library passes it on.
  std::function<void(const FinishedRow&)> finished;
};

/// Stands between Google Benchmark and everything that is printed or saved. It shows rows as they
/// finish where the console format was asked for, keeps all reports and rows, and gives the whole
/// run as text in each of Google Benchmark's formats once it is over; nothing is written to a file
/// before that. Rows of an earlier process can be put among them. JSON is Google Benchmark's own
/// plus the rows' strings and the suite's context.
class RunReporter : public benchmark::BenchmarkReporter {
 public:
  RunReporter(const BenchmarkOptions& options, nlohmann::ordered_json run_context, RowStore& store,
              Progress& progress, RunOrder order = {});

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

  /// Adds to the results file: an entry of its context, a list beside its rows.
  void add_context(const std::string& key, nlohmann::ordered_json value);
  void add_list(const std::string& key, nlohmann::ordered_json list);

  /// Takes a row that another process finished: its reports, and the rows behind those of
  /// repetitions. It is not shown and nobody is told. Throws nlohmann's exceptions for a report
  /// that is none.
  void keep(const FinishedRow& finished, std::vector<Row> rows);

  /// The same, and it is shown.
  void receive(const FinishedRow& finished, std::vector<Row> rows);

  /// Puts all rows in their order; to be called once, after the last of them.
  void put_in_order();

  /// Every row that was reported, repetitions one by one.
  const std::vector<Row>& rows() const { return rows_; }

  /// The run in one of Google Benchmark's formats. JSON parses strictly: no NaN, no infinity.
  std::string text(Format format) const;

 private:
  struct KeptRun {
    Run run;
    std::string json;      // its object in the file
    std::size_t position;  // of its row
  };

  std::optional<std::size_t> row_of(const Run& run);
  std::string json_of(const Run& run, const std::optional<std::size_t>& row) const;
  std::size_t position_of(const std::string& name) const;
  void add_row(Row row, const std::string& name);
  bool leaves_out(const Run& run, bool have_aggregates) const;
  void finish(const std::string& name);
  void show(const std::vector<Run>& runs);
  std::string json_text() const;
  std::vector<Run> kept_runs() const;
  std::string replay(benchmark::BenchmarkReporter& reporter, const std::vector<Run>& runs) const;

  const BenchmarkOptions& options_;
  nlohmann::ordered_json run_context_;
  nlohmann::ordered_json lists_ = nlohmann::ordered_json::object();
  RowStore& store_;
  Progress& progress_;
  std::optional<Context> context_;
  std::optional<benchmark::ConsoleReporter> console_;
  std::vector<KeptRun> kept_;
  std::vector<Row> rows_;
  std::vector<std::size_t> row_positions_;
  RunOrder order_;
  std::vector<std::string> reports_;                        // of the row under way
  std::unordered_map<std::string, std::size_t> last_rows_;  // by name, into rows_
};

}  // namespace mhabench::bench
