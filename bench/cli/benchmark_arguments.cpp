#include "bench/cli/benchmark_arguments.h"

#include <array>
#include <charconv>
#include <string_view>

#include "bench/cli/flag_values.h"

namespace mhabench::bench {
namespace {

constexpr double kAnyTime = 1e-9;

// Shortest, and with '.' in every locale.
std::string text_of(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::string text_of(bool value) { return value ? "true" : "false"; }

std::string text_of(Color color) {
  switch (color) {
    case Color::automatic:
      return "auto";
    case Color::always:
      return "true";
    case Color::never:
      return "false";
  }
  return {};
}

bool is_at_least(LibraryVersion version, int major, int minor) {
  return version.major != major ? version.major > major : version.minor >= minor;
}

// 1.7 reads a bare number alone; later ones say so on stderr at every row where the unit is
// missing.
std::string min_time_of(const BenchmarkOptions& options, LibraryVersion version) {
  const double seconds = options.dry_run ? kAnyTime : options.min_time_s.value_or(kAnyTime);
  return text_of(seconds) + (is_at_least(version, 1, 8) ? "s" : "");
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
      flag("filter", "MHA"),
      flag("list_tests", text_of(given.list_tests)),
      flag("min_time", min_time_of(given, version)),
      flag("min_warmup_time", text_of(given.dry_run ? 0.0 : given.min_warmup_time_s)),
      flag("repetitions", std::to_string(given.dry_run ? 1 : given.repetitions)),
      flag("enable_random_interleaving", text_of(given.random_interleaving)),
      // The suite leaves repetitions out itself: the library would not hand it their rows.
      flag("report_aggregates_only", text_of(false)),
      flag("display_aggregates_only", text_of(false)),
      flag("format", std::string(name_of(given.format.value_or(Format::console)))),
      flag("out", ""),
      flag("out_format", std::string(name_of(given.out_format))),
      flag("color", text_of(given.color)),
      flag("counters_tabular", text_of(given.counters_tabular)),
      flag("perf_counters", given.perf_counters),
      flag("time_unit", given.time_unit),
      "--v=" + std::to_string(given.verbosity),
  };
  // From 1.9.1 on; 1.9.0 leaves it in argv, where it harms nothing.
  if (is_at_least(version, 1, 9)) arguments.push_back(flag("dry_run", text_of(false)));
  for (const auto& [key, value] : given.context) {
    arguments.push_back(flag("context", key + '=' + value));
  }
  return arguments;
}

}  // namespace mhabench::bench
