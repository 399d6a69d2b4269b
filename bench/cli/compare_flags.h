#pragma once

#include <string>
#include <vector>

#include "mhabench/compare/comparison.h"

namespace mhabench::bench {

enum class CompareFormat { table, json, markdown, github };

/// The command line of mha_compare.
struct CompareOptions {
  std::vector<std::string> base, next;
  ComparisonSettings settings;
  CompareFormat format = CompareFormat::table;
  bool all = false;
  std::string noise_model;              ///< file to take the noise from; empty for none
  std::string calibrate;                ///< file to write a noise model to, instead of comparing
  std::vector<std::string> same_build;  ///< the runs for that
  std::string answer;  ///< What --help or --version print in place of all else, or empty.
};

/// Reads it, without the program's name. Throws InputError: an unknown flag, a value that is none,
/// too few or too many files, flags that exclude each other. Reads no file.
CompareOptions parse_compare_flags(const std::vector<std::string>& arguments);

}  // namespace mhabench::bench
