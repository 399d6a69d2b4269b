#pragma once

#include <optional>
#include <vector>

#include "mhabench/results/benchmark_file.h"
#include "mhabench/results/context_keys.h"

namespace mhabench {

/// The first row of the files that another one of its name is no run of: what makes two rows runs
/// of the same thing is seed, lengths, GPU and, on a CPU, threads, as the row or its file tells
/// them. What one of them lacks, as rows of older files do, is not compared. Its key is "seed of
/// <name>".
std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& files);
std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& base,
                                            const std::vector<BenchmarkFile>& next);

/// Where the contexts say another GPU, dtype, source of lengths or seed, within a side or between
/// the two; where they do not, the first of rows_of_two_kinds.
std::vector<Difference> refusing_differences(const std::vector<BenchmarkFile>& base,
                                             const std::vector<BenchmarkFile>& next);

/// What else both sides tell and differ in: versions, driver, machine. And the settings of the runs
/// that differ, also where one side alone has one: a file holds those off their defaults.
std::vector<Difference> changed_context(const std::vector<BenchmarkFile>& base,
                                        const std::vector<BenchmarkFile>& next);

/// Throws InputError where two of the files are one and the same run, which would count as two.
void check_distinct(const std::vector<BenchmarkFile>& files);

}  // namespace mhabench
