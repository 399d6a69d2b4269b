// mha_compare: holds one build's results against another's, row by row, and ends with a status that
// a gate can use.

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "bench/cli/compare_flags.h"
#include "bench/cli/file_arguments.h"
#include "bench/console/program.h"
#include "mhabench/base/error.h"
#include "mhabench/base/output_file.h"
#include "mhabench/compare/comparison.h"
#include "mhabench/compare/comparison_text.h"
#include "mhabench/compare/noise_model.h"
#include "mhabench/results/benchmark_file.h"
#include "mhabench/results/comparability.h"

namespace mhabench::bench {
namespace {

std::vector<BenchmarkFile> read_files(const std::vector<std::string>& paths) {
  std::vector<BenchmarkFile> files;
  for (const std::string& path : paths) files.push_back(read_benchmark_file(path));
  return files;
}

int calibrate(const CompareOptions& options) {
  check_writable(options.calibrate);
  check_no_input(options.calibrate, options.same_build);
  const std::vector<BenchmarkFile> files = read_files(options.same_build);
  check_distinct(files);
  if (!options.settings.force) {
    const std::vector<Difference> differences = refusing_differences(files, files);
    if (!differences.empty()) {
      throw InputError("not runs of one kind: " + text_of(differences.front()) +
                       " (--force takes them all the same)");
    }
  }
  const NoiseModel model = calibrated(runs_of(files), files.front().told("gpu_name"));
  write_file(options.calibrate, noise_model_json(model));
  return kCorrect;
}

std::string text_of(const Comparison& comparison, const CompareOptions& options) {
  switch (options.format) {
    case CompareFormat::json:
      return comparison_json(comparison);
    case CompareFormat::markdown:
      return comparison_markdown(comparison, options.all);
    case CompareFormat::github:
      return comparison_annotations(comparison);
    default:
      return comparison_table(comparison, options.all);
  }
}

int compare_files(const CompareOptions& options) {
  NoiseModel model;
  if (!options.noise_model.empty()) model = read_noise_model(options.noise_model);
  const Comparison comparison =
      compare(read_files(options.base), read_files(options.next), options.settings,
              options.noise_model.empty() ? nullptr : &model);
  std::cout << text_of(comparison, options);
  if (comparison.worse() > 0) return kWrong;
  return comparison.undecided() > 0 ? kUndecided : kCorrect;
}

int run(const std::vector<std::string>& arguments) {
  const CompareOptions options = parse_compare_flags(arguments);
  if (options.answer.empty()) {
    return options.calibrate.empty() ? compare_files(options) : calibrate(options);
  }
  std::cout << options.answer;
  return kCorrect;
}

}  // namespace
}  // namespace mhabench::bench

int main(int argc, char** argv) {
  using namespace mhabench;
  return bench::run_program("mha_compare",
                            [&] { return bench::run(bench::arguments_of(argc, argv)); });
}
