#pragma once

#include <string>
#include <vector>

#include "mhabench/results/benchmark_file.h"

namespace mhabench {

/// CSV, one line a row and metric under one line of headings: file, name, the row's strings and
/// axes, repetition, aggregate, status, message, metric, value; empty where a row does not tell.
/// Times are in us. A row that was not measured has one line, with its status as the metric.
std::string long_csv(const std::vector<BenchmarkFile>& files);

/// JSON records as PyTorch's benchmark database takes them (pytorch/test-infra,
/// oss_ci_benchmark_v3): a record a row and metric with benchmark, model, metric (its name and the
/// values of all repetitions and files), runners and dependencies. What the uploader adds is left
/// out: time stamp, repository, branch, revision, workflow. Aggregates and rows that were not
/// measured are no records.
std::string pytorch_records(const std::vector<BenchmarkFile>& files);

}  // namespace mhabench
