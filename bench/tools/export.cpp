// mha_export: the rows of results files for other tools.

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/cli/flag_table.h"
#include "bench/cli/flag_values.h"
#include "bench/console/program.h"
#include "mhabench/base/error.h"
#include "mhabench/results/benchmark_file.h"
#include "mhabench/results/long_format.h"

namespace mhabench::bench {
namespace {

constexpr const char* kDescription =
    "Writes the rows of results files of mha_bench, or of any program on Google Benchmark 1.7 or "
    "newer, to stdout in a format of other tools.";

constexpr const char* kFooter = R"(Examples:
  mha_export rows.json >rows.csv                        pandas.read_csv("rows.csv")
  mha_export --format=pytorch run1.json run2.json >records.json

Exit status: 0 written, 2 a file or the command line is at fault, 5 not all of it could be written.
)";

using Writer = std::string (*)(const std::vector<BenchmarkFile>&);

Writer parse_writer(std::string_view text) {
  return parse_name<Writer>("format", text, {{"long", long_csv}, {"pytorch", pytorch_records}});
}

int run(const std::vector<std::string>& arguments) {
  Writer text_of = long_csv;
  FlagTable flags("mha_export FILE...", kDescription, kFooter);
  flags.add_value("--format", "NAME",
                  "long (CSV, one line a row and metric) or pytorch (JSON records as PyTorch's "
                  "benchmark database takes them; the files are runs of one build)",
                  into(text_of, parse_writer), "long");
  flags.add_answers();
  const std::vector<std::string> names = flags.read(arguments);
  if (const std::string answer = flags.answer(); !answer.empty()) {
    std::cout << answer;
    return kCorrect;
  }
  if (names.empty()) throw InputError("needs a results file (--help shows more)");
  std::vector<BenchmarkFile> files;
  for (const std::string& name : names) files.push_back(read_benchmark_file(name));
  std::cout << text_of(files);
  return kCorrect;
}

}  // namespace
}  // namespace mhabench::bench

int main(int argc, char** argv) {
  using namespace mhabench;
  return bench::run_program("mha_export",
                            [&] { return bench::run(bench::arguments_of(argc, argv)); });
}
