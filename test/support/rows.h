#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "mhabench/config/config.h"
#include "mhabench/results/pairs.h"
#include "mhabench/results/row.h"

namespace mhabench::test {

/// The first configuration of the script's grid but for beta.
inline MhaConfig beta_config(std::string_view beta = "0.85") {
  return {Dtype::fp16, 16, 64, 512, 8, {LengthsKind::script, Decimal::parse(beta), "", 0, {}}};
}

/// The same shape with lengths of another source.
inline MhaConfig config_with(LengthsSource lengths) {
  MhaConfig config = beta_config();
  config.lengths = std::move(lengths);
  return config;
}

/// A row of a right output, `us` a call.
inline Row timed_row(std::string path, const MhaConfig& config, double us) {
  Row row;
  row.path = std::move(path);
  row.config = config;
  row.device = "cpu";
  row.tokens = 768;
  row.sum_len_sq = 40000;
  row.padding = 0.25;
  row.errors = 0;
  row.calls = 100;
  row.real_time_us = us;
  return row;
}

/// A row of a GPU that works `busy_us` for a call.
inline Row traced_row(std::string path, const MhaConfig& config, double us, double busy_us,
                      double host_us) {
  Row row = timed_row(std::move(path), config, us);
  row.device = "cuda:0";
  row.event_us_median = us;
  row.host_us = host_us;
  row.syncs = 0;
  row.busy_us = busy_us;
  return row;
}

/// The ratio of fast over slow by one clock.
inline PairRatio ratio_of(const MhaConfig& config, std::string clock, double ratio,
                          std::string verdict) {
  return {"slow",      "fast",      config, std::move(clock),  ratio,
          ratio / 1.1, ratio * 1.1, 6,      std::move(verdict)};
}

/// A row whose output is wrong by a finite error.
inline Row wrong_row(std::string path, const MhaConfig& config, double us) {
  Row row = timed_row(std::move(path), config, us);
  row.errors = 1;
  row.max_abs_err = 0.5;
  row.rel_err = 0.25;
  row.rel_bound = 0.01;
  row.worst = {2, 7, 5, 0.5, 0.001};
  return row;
}

/// A row without a time: skipped or failed.
inline Row row_without_time(std::string path, const MhaConfig& config, RowStatus status,
                            std::string message) {
  Row row = timed_row(std::move(path), config, 0);
  row.status = status;
  row.message = std::move(message);
  row.errors.reset();
  row.calls = 0;
  row.real_time_us.reset();
  return row;
}

}  // namespace mhabench::test
