#pragma once

#include <string>
#include <vector>

#include "mhabench/results/benchmark_file.h"
#include "mhabench/results/identity.h"

namespace mhabench {

/// Where the contexts say another GPU, dtype, source of lengths or seed, within a side or between
/// the two; where they do not, the first row that is no run of the same thing as another of its
/// name (identity.h).
std::vector<Difference> refusing_differences(const std::vector<BenchmarkFile>& base,
                                             const std::vector<BenchmarkFile>& next);

/// What else both sides tell and differ in: versions, driver, machine. And the settings of the runs
/// that differ, also where one side alone has one: a file holds those off their defaults.
std::vector<Difference> changed_context(const std::vector<BenchmarkFile>& base,
                                        const std::vector<BenchmarkFile>& next);

/// "gpu_name: NVIDIA H200 against NVIDIA A100".
std::string text_of(const Difference& difference);

/// Throws InputError where two of the files are one and the same run, which would count as two.
void check_distinct(const std::vector<BenchmarkFile>& files);

}  // namespace mhabench
