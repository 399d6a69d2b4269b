#include "bench/cli/benchmark_arguments.h"

#include <string_view>

#include "mhabench/base/text.h"

namespace mhabench::bench {
namespace {

constexpr double kAnyTime = 1e-9;

bool is_at_least(LibraryVersion version, int major, int minor) {
  return version.major != major ? version.major > major : version.minor >= minor;
}

// 1.7 reads a bare number alone; later ones say so on stderr at every row where the unit is
// missing.
std::string min_time_of(const BenchmarkOptions& options, LibraryVersion version) {
  const double seconds = options.dry_run ? kAnyTime : options.min_time_s.value_or(kAnyTime);
  return shortest(seconds) + (is_at_least(version, 1, 8) ? "s" : "");
}

std::string flag(std::string_view name, const std::string& value) {
  return "--benchmark_" + std::string(name) + '=' + value;
}

}  // namespace

LibraryVersion linked_library_version() {
  return {MHABENCH_BENCHMARK_VERSION_MAJOR, MHABENCH_BENCHMARK_VERSION_MINOR};
}

std::vector<std::string> benchmark_arguments(const std::string& program, const Options& options,
                                             LibraryVersion version) {
  const BenchmarkOptions& given = options.benchmark;
  std::vector<std::string> arguments{
      program,
      flag("min_time", min_time_of(given, version)),
      flag("min_warmup_time", shortest(given.dry_run ? 0.0 : given.min_warmup_time_s)),
      flag("repetitions", std::to_string(given.dry_run ? 1 : given.repetitions)),
      flag("enable_random_interleaving", given.random_interleaving ? "true" : "false"),
      flag("perf_counters", given.perf_counters),
      "--v=" + std::to_string(given.verbosity),
      // What the suite does itself, by its reporter. It registers the rows that its filter keeps,
      // and leaves repetitions out, whose rows the library would not hand it.
      flag("filter", "MHA"),
      flag("list_tests", "false"),
      flag("report_aggregates_only", "false"),
      flag("display_aggregates_only", "false"),
      flag("format", "console"),
      flag("out", ""),
      flag("out_format", "json"),
      flag("color", "auto"),
      flag("counters_tabular", "false"),
      flag("time_unit", ""),
  };
  // From 1.9.1 on; 1.9.0 leaves it in argv, where it harms nothing.
  if (is_at_least(version, 1, 9)) arguments.push_back(flag("dry_run", "false"));
  for (const auto& [key, value] : given.context) {
    arguments.push_back(flag("context", key + '=' + value));
  }
  return arguments;
}

}  // namespace mhabench::bench
