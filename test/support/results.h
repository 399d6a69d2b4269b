#pragma once

#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "mhabench/results/benchmark_file.h"

namespace mhabench::test {

/// A right row: its event median, its real time 1 % above that, and its busy time where given.
inline FileRow file_row(std::string name, double event_us, double busy_us = 0) {
  FileRow row;
  row.name = std::move(name);
  row.real_time_us = event_us * 1.01;
  row.numbers = {{"errors", 0}, {"event_us_median", event_us}};
  if (busy_us > 0) row.numbers.emplace_back("busy_us", busy_us);
  return row;
}

/// The same with a wrong output.
inline FileRow wrong_file_row(std::string name, double event_us) {
  FileRow row = file_row(std::move(name), event_us);
  row.numbers.front().second = 1;
  return row;
}

inline FileRow file_row_without_time(std::string name, RowStatus status, std::string message) {
  FileRow row;
  row.name = std::move(name);
  row.status = status;
  row.message = std::move(message);
  return row;
}

inline BenchmarkFile results_file(std::string name, std::vector<FileRow> rows) {
  return {std::move(name), {{"gpu_name", "NVIDIA H200"}, {"seed", "26214"}}, std::move(rows)};
}

/// Runs of a build with a known truth: rows of one path, all of them `slowdown` over 100 us, whose
/// logarithms scatter by `run_sd` with the run and by `row_sd` each; that of a row is drawn around
/// row_sd where `spread` is above 0 (as the standard deviation of its logarithm). With `busy` the
/// rows have that clock too, half the time of the other and scattering apart from it.
struct Truth {
  std::string path = "fast";
  std::size_t rows = 60;
  double slowdown = 0;
  double run_sd = 0;
  double row_sd = 0.005;
  double spread = 0;
  bool busy = false;
};

/// One file a run; paths stand one after the other in it.
inline std::vector<BenchmarkFile> simulated_runs(const std::vector<Truth>& truths, std::size_t runs,
                                                 const std::string& name, std::mt19937_64& random,
                                                 std::mt19937_64 row_random) {
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> deviations;
  for (const Truth& truth : truths) {
    std::vector<double>& list = deviations.emplace_back();
    for (std::size_t i = 0; i < truth.rows; ++i) {
      list.push_back(truth.row_sd * std::exp(truth.spread * normal(row_random)));
    }
  }
  std::vector<BenchmarkFile> files;
  for (std::size_t run = 0; run < runs; ++run) {
    std::vector<FileRow> rows;
    for (std::size_t t = 0; t < truths.size(); ++t) {
      const Truth& truth = truths[t];
      const double shared = truth.run_sd * normal(random);
      const double busy_shared = truth.busy ? truth.run_sd * normal(random) : 0;
      for (std::size_t i = 0; i < truth.rows; ++i) {
        const double us = 200 * (1 + truth.slowdown);
        const double own = deviations[t][i] * normal(random);
        const double busy_own = truth.busy ? deviations[t][i] * normal(random) : 0;
        const double busy_us = truth.busy ? us / 2 * std::exp(busy_shared + busy_own) : 0;
        rows.push_back(file_row("MHA/" + truth.path + "/row:" + std::to_string(i),
                                us * std::exp(shared + own), busy_us));
      }
    }
    files.push_back(results_file(name + std::to_string(run), std::move(rows)));
  }
  return files;
}

}  // namespace mhabench::test
