#include "mhabench/shards/merge.h"

#include <iostream>
#include <string>
#include <vector>

#include "bench/cli/file_arguments.h"
#include "bench/cli/flag_table.h"
#include "bench/console/program.h"
#include "bench/console/tell.h"
#include "mhabench/base/error.h"
#include "mhabench/base/output_file.h"
#include "mhabench/base/text.h"

namespace mhabench::bench {
namespace {

constexpr const char* kDescription =
    "Makes one results file out of those of a sweep's shares. Each IN is what mha_bench "
    "--shard=I/N --benchmark_out=IN wrote, in any order; OUT is what one run of the whole would "
    "have written, in the grid's order.";

constexpr const char* kFooter =
    R"(The files must belong together: one revision, GPU model, set of versions, grid, seed and plan. GPU,
host, dates and command lines may differ and stand in the list "shards" of OUT's context where they
do.

Exit status: 0 all rows of the grid are there and correct; 1 a row is missing, wrong or failed (OUT
holds the others); 2 the command line or a file is at fault, and OUT is as it was; 5 mha_merge
itself failed (a full disk).
)";

int merge(const std::vector<std::string>& files) {
  check_writable(files.front());
  check_no_input(files.front(), {files.begin() + 1, files.end()});
  std::vector<ShardFile> shards;
  for (auto input = files.begin() + 1; input != files.end(); ++input) {
    shards.push_back(read_shard_file(*input));
  }
  const Merged merged = merge_shards(std::move(shards));
  for (const std::string& note : merged.notes) tell(note);
  write_file(files.front(), merged.text);
  tell(counted(merged.rows, "row") + " of " + counted(merged.shards, "shard") + ": " +
       std::to_string(merged.wrong) + " wrong or failed, " + std::to_string(merged.missing) +
       " missing");
  return merged.is_correct() ? kCorrect : kWrong;
}

int run(const std::vector<std::string>& arguments) {
  FlagTable flags("mha_merge OUT IN...", kDescription, kFooter);
  flags.add_answers();
  const std::vector<std::string> files = flags.read(arguments);
  if (const std::string answer = flags.answer(); !answer.empty()) {
    std::cout << answer;
    return kCorrect;
  }
  if (files.size() < 2) throw InputError("usage: mha_merge OUT IN... (--help says more)");
  return merge(files);
}

}  // namespace
}  // namespace mhabench::bench

int main(int argc, char** argv) {
  using namespace mhabench;
  return bench::run_program("mha_merge",
                            [&] { return bench::run(bench::arguments_of(argc, argv)); });
}
