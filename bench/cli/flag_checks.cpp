#include "bench/cli/flag_checks.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "mhabench/base/error.h"
#include "mhabench/base/output_file.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/names.h"
#include "mhabench/results/journal.h"

namespace mhabench::bench {
namespace {

void check_conflicts(const GridChoice& grid) {
  if (!grid.lengths_file.empty()) {
    const std::pair<const char*, bool> others[] = {{"--batch", grid.batches.has_value()},
                                                   {"--seq_len", grid.seq_lens.has_value()},
                                                   {"--beta", grid.betas.has_value()},
                                                   {"--lengths", grid.lengths.has_value()}};
    for (const auto& [flag, given] : others) {
      if (given) fail_exclusive(flag, "--lengths_file", "batches and lengths are the file's");
    }
  }
  if (grid.betas && grid.lengths && !has_beta(*grid.lengths)) {
    fail_exclusive("--beta", "--lengths=" + std::string(name_of(*grid.lengths)),
                   "such lengths have no beta");
  }
}

// Rounds are repetitions already, in an order that is theirs.
void check_rounds(const Options& options) {
  if (options.rounds == 1) return;
  const BenchmarkOptions& given = options.benchmark;
  if (given.repetitions > 1) {
    fail_exclusive("--rounds", "--benchmark_repetitions", "a round is a repetition of all paths");
  }
  if (given.random_interleaving) {
    fail_exclusive("--rounds", "--benchmark_enable_random_interleaving",
                   "the paths of a round have their order");
  }
  if (given.min_warmup_time_s > 0) {
    fail_exclusive("--rounds", "--benchmark_min_warmup_time", "every path warms up by itself");
  }
}

void check_resume(const Options& options) {
  if (options.resume == Resume::no) return;
  if (options.benchmark.out.empty()) {
    throw InputError("--resume needs --benchmark_out=FILE, beside which the finished rows stand");
  }
  if (!options.kernels_out.empty()) {
    fail_exclusive("--resume", "--kernels_out", "the kernels of finished rows are not kept");
  }
}

// Processes that run rows for another one.
void check_workers(const Options& options) {
  const std::pair<const char*, bool> flags[] = {{"--supervise", options.supervise},
                                                {"--devices", options.devices.has_value()}};
  for (const auto& [flag, given] : flags) {
    if (!given) continue;
    if (!options.kernels_out.empty()) {
      fail_exclusive(flag, "--kernels_out", "the kernels of finished rows are not kept");
    }
    if (options.benchmark.random_interleaving) {
      fail_exclusive(flag, "--benchmark_enable_random_interleaving",
                     "rows are handed out a configuration at a time");
    }
  }
  if (options.devices && options.device != DeviceRequest{}) {
    fail_exclusive("--devices", "--device", "one of them says where rows run");
  }
  if (options.row_timeout_s && !options.supervise && !options.devices) {
    throw InputError("--row_timeout needs --supervise or --devices");
  }
}

struct NamedFile {
  std::string flag;
  std::string path;
};

std::vector<NamedFile> outputs_of(const Options& options) {
  std::vector<NamedFile> files{{"--save_path", options.save_path},
                               {"--error_save_path", options.error_save_path},
                               {"--benchmark_out", options.benchmark.out},
                               {"--kernels_out", options.kernels_out},
                               {"--dump_lengths", options.dump_lengths}};
  std::erase_if(files, [](const NamedFile& file) { return file.path.empty(); });
  return files;
}

// Beside a file that is replaced when the run ends its rows are kept while it runs.
std::optional<NamedFile> journal_of(const Options& options) {
  const std::string& out = options.benchmark.out;
  const auto file = out.empty() ? std::nullopt : replaced_file(out);
  if (!file) return std::nullopt;
  return NamedFile{"the journal of --benchmark_out", Journal::path_of(*file).string()};
}

// Each process would read it, and the first leaves nothing of a pipe.
void check_read_once(const Options& options) {
  const std::string& file = options.grid.lengths_file;
  std::error_code none;
  if (file.empty() || (!options.supervise && !options.devices)) return;
  if (!std::filesystem::exists(file, none) || std::filesystem::is_regular_file(file, none)) return;
  throw InputError("--lengths_file: '" + file +
                   "' is no regular file, and every process of --supervise and --devices reads "
                   "it: write it to a file first");
}

void check_writable_for(const NamedFile& file) {
  try {
    check_writable(file.path);
  } catch (const InputError& error) {
    throw InputError(file.flag + ": " + error.what());
  }
}

void check_distinct(const NamedFile& a, const NamedFile& b) {
  if (!same_file(a.path, b.path)) return;
  throw InputError(a.flag + " and " + b.flag + " name the same file '" + b.path + "'");
}

}  // namespace

void fail_exclusive(const std::string& a, const std::string& b, const std::string& reason) {
  throw InputError(a + " and " + b + " exclude each other: " + reason);
}

void check_combinations(const Options& options) {
  check_conflicts(options.grid);
  check_rounds(options);
  check_resume(options);
  check_workers(options);
}

void check_outputs(const Options& options) {
  check_read_once(options);
  std::vector<NamedFile> files = outputs_of(options);
  for (const NamedFile& file : files) check_writable_for(file);
  if (auto journal = journal_of(options)) files.push_back(std::move(*journal));
  const NamedFile input{"--lengths_file", options.grid.lengths_file};
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!input.path.empty()) check_distinct(input, files[i]);
    for (std::size_t j = 0; j < i; ++j) check_distinct(files[j], files[i]);
  }
}

}  // namespace mhabench::bench
