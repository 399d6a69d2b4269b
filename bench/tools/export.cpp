// mha_export: the rows of results files for other tools.

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "bench/cli/file_flags.h"
#include "bench/console/program.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
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

int run(const std::vector<std::string>& arguments) {
  std::string format = "long";
  bool help = false;
  FileFlags flags("mha_export FILE...", kDescription, kFooter);
  flags
      .add_value("--format", "NAME",
                 "long (CSV, one line a row and metric) or pytorch (JSON records as PyTorch's "
                 "benchmark database takes them; the files are runs of one build)",
                 [&](const std::string& value) {
                   if (value != "long" && value != "pytorch") {
                     throw InputError(unknown_word("format", value, {"long", "pytorch"}));
                   }
                   format = value;
                 })
      ->default_str("long");
  flags.add_switch("--help", "print this, as -h does", help);
  const std::vector<std::string> names = flags.read(arguments);
  if (help) {
    std::cout << flags.help();
    return 0;
  }
  if (names.empty()) throw InputError("needs a results file (--help shows more)");
  std::vector<BenchmarkFile> files;
  for (const std::string& name : names) files.push_back(read_benchmark_file(name));
  std::cout << (format == "long" ? long_csv(files) : pytorch_records(files));
  return 0;
}

}  // namespace
}  // namespace mhabench::bench

int main(int argc, char** argv) {
  using namespace mhabench;
  return bench::run_program("mha_export",
                            [&] { return bench::run(bench::arguments_of(argc, argv)); });
}
