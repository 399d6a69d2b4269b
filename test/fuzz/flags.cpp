#include "bench/cli/flags.h"

#include "fuzz/targets.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/config/names.h"

namespace mhabench::fuzz {
namespace {

// What expanding takes is bounded by the number of configurations, and here by time.
constexpr double kMaxConfigs = 20'000;

double configs_of(const Grid& grid) {
  double count = static_cast<double>(grid.dtypes.size());
  for (const std::size_t axis : {grid.batches.size(), grid.seq_lens.size(), grid.embed_dims.size(),
                                 grid.heads.size(), grid.betas.size()}) {
    count *= static_cast<double>(axis);
  }
  return count;
}

void check_expansion(const Grid& grid) {
  if (configs_of(grid) > kMaxConfigs) return;
  const Expansion expansion = expand(grid);
  require(!expansion.configs.empty(), "a grid without configurations");
  for (const MhaConfig& config : expansion.configs) {
    require(config.embed_dim % config.heads == 0, "heads that do not divide");
    require(parse_row_name(row_name("slow", config)).config == config, "a name is read as another");
  }
}

void read(std::string_view input) {
  std::vector<std::string> arguments;
  for (const std::string_view argument : split(input, '\n')) {
    // A command line holds no NUL.
    arguments.emplace_back(argument.substr(0, argument.find('\0')));
  }
  const bench::FlagContext context{{"slow", "fast"}};
  const bench::Options options = bench::parse_flags(arguments, context);
  if (options.help) {
    require(!bench::help_text(context).empty(), "no help");
    return;
  }
  if (options.version) return;
  require(!options.paths.empty(), "no path");
  // No file of this machine.
  if (options.grid.lengths_file.empty()) check_expansion(bench::grid_of(options, "cpu"));
}

}  // namespace

void flags(std::string_view input) {
  try {
    read(input);
  } catch (const InputError& error) {
    require_one_line(error.what());
  }
}

}  // namespace mhabench::fuzz
