#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mhabench/results/benchmark_file.h"

namespace mhabench {

/// A part of what two files or rows say whose values differ.
struct Difference {
  std::string key;
  std::string base, next;
};

/// What makes two rows of one name runs of the same thing: seed, lengths, GPU and, on a CPU,
/// threads, as the row or its file tells them. Whoever pools rows asks here.
using Identity = std::vector<std::pair<std::string, std::string>>;

/// Of a median or mean, that of the repetitions it stands for; empty for other statistics, whose
/// numbers are none of a row's.
Identity identity_of(const BenchmarkFile& file, const FileRow& row);

/// The first part that both have and that differs. A part that one of them lacks, as rows of older
/// files do, is not compared.
std::optional<Difference> difference_of(const Identity& a, const Identity& b);

/// The first row of the files that another one of its name is no run of; "seed of <name>".
std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& files);
std::optional<Difference> rows_of_two_kinds(const std::vector<BenchmarkFile>& base,
                                            const std::vector<BenchmarkFile>& next);

}  // namespace mhabench
