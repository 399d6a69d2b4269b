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

/// The order of a run's rows, and what to call after each of them.
struct RunOrder {
  /// From 0, by name as registered; rows that are missing come last.
  std::unordered_map<std::string, std::size_t> positions;
  /// Called with each row once all its repetitions and aggregates are reported. What it throws
  /// ends the run: the library passes it on.
  std::function<void(const FinishedRow&)> finished;
};

/// Stands between Google Benchmark and everything that is printed or saved. It shows rows as they
/// finish if the console format was asked for, keeps each as an entry of the results file with its
/// rows, and gives the whole run as text in each of Google Benchmark's formats once it is over;
/// nothing is written to a file before that. Rows of an earlier process can be put among them. JSON
/// is Google Benchmark's own plus what the rows add (see add_row) and the run's context.
class RunReporter : public benchmark::BenchmarkReporter {
 public:
  RunReporter(const BenchmarkOptions& options, nlohmann::ordered_json run_context, RowStore& store,
              Progress& progress, RunOrder order = {});

  bool ReportContext(const Context& context) override;
  /// Takes the repetitions of one row, or then their aggregates.
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

  /// Adds to the results file: an entry of its context, a list beside its rows.
  void add_context(const std::string& key, nlohmann::ordered_json value);
  void add_list(const std::string& key, nlohmann::ordered_json list);

  /// Takes a row that another process finished, without showing it or calling `finished`. An entry
  /// that is no report makes text() and receive() throw nlohmann's exceptions.
  void keep(KeptRow row);

  /// The same, and it is shown.
  void receive(KeptRow row);

  /// Puts all rows in their order; to be called once, after the last of them.
  void put_in_order();

  /// Every row that was reported, repetitions one by one.
  std::vector<Row> rows() const;

  /// The run in one of Google Benchmark's formats. JSON parses strictly: no NaN, no infinity.
  std::string text(Format format) const;

 private:
  nlohmann::ordered_json entry_of(const Run& run, const Row* row) const;
  std::size_t position_of(const std::string& name) const;
  void show(const std::vector<nlohmann::ordered_json>& entries, bool have_aggregates);
  std::vector<nlohmann::ordered_json> saved_entries() const;
  std::string json_text() const;
  std::string csv_text() const;
  std::string replay(benchmark::BenchmarkReporter& reporter, const std::vector<Run>& runs) const;

  const BenchmarkOptions& options_;
  nlohmann::ordered_json run_context_;
  nlohmann::ordered_json lists_ = nlohmann::ordered_json::object();
  RowStore& store_;
  Progress& progress_;
  std::optional<Context> context_;
  std::optional<benchmark::ConsoleReporter> console_;
  std::vector<KeptRow> kept_;
  RunOrder order_;
};

}  // namespace mhabench::bench
