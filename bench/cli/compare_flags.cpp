#include "bench/cli/compare_flags.h"

#include <string_view>
#include <utility>

#include "bench/cli/file_arguments.h"
#include "bench/cli/flag_table.h"
#include "bench/cli/flag_values.h"
#include "mhabench/base/error.h"

namespace mhabench::bench {
namespace {

constexpr const char* kUsage = "mha_compare BASE NEW";

constexpr const char* kDescription =
    "Compares results files of mha_bench, or of any program on Google Benchmark 1.7 or newer, row "
    "by row: same, faster, slower or undecided, by the GPU's busy time and by the event clock; and "
    "rows that are missing, failed or wrong.";

constexpr const char* kFooter =
    R"(Several files of a side are runs of one build. With two runs a side or more, noise is what differs
between runs; with one, it comes from a noise model, or a row beyond the threshold is undecided.

Examples:
  mha_compare old.json new.json
  mha_compare old1.json,old2.json,old3.json new1.json,new2.json,new3.json
  mha_compare --base=old1.json --base=old2.json --new=new1.json --new=new2.json --clock=busy
  mha_compare --calibrate=noise.json a1.json a2.json a3.json
  mha_compare --noise_model=noise.json --format=github old.json new.json

Exit status: 0 nothing worse, 1 a row is slower, missing, failed or wrong, 2 the files cannot be
compared or the command line is at fault, 4 undecided rows and nothing worse, 5 mha_compare itself
failed.
)";

CompareFormat parse_compare_format(std::string_view text) {
  return parse_name<CompareFormat>("format", text,
                                   {{"table", CompareFormat::table},
                                    {"json", CompareFormat::json},
                                    {"markdown", CompareFormat::markdown},
                                    {"github", CompareFormat::github}});
}

std::vector<Clock> parse_clocks(std::string_view text) {
  return parse_name<std::vector<Clock>>(
      "clock", text,
      {{"busy", {Clock::busy}}, {"event", {Clock::event}}, {"both", {Clock::busy, Clock::event}}});
}

void append(std::vector<std::string>& files, const std::string& text) {
  for (std::string& file : file_list(text)) files.push_back(std::move(file));
}

// Filled for an `options` that outlives it.
void fill(FlagTable& flags, CompareOptions& options) {
  flags.add_repeated("--base", "FILE", "a run of BASE; may be given several times, or as FILE,FILE",
                     [&](const std::string& v) { append(options.base, v); });
  flags.add_repeated("--new", "FILE", "a run of NEW, likewise",
                     [&](const std::string& v) { append(options.next, v); });
  flags.add_value("--threshold", "SHARE", "a slowdown of this share or less is none",
                  into(options.settings.threshold, parse_share), "0.02");
  flags.add_value("--clock", "NAME",
                  "busy (what the GPU works), event (what a loop of calls sees) or both",
                  into(options.settings.clocks, parse_clocks), "both");
  flags.add_value("--noise_model", "FILE", "how runs of one build scatter, as --calibrate wrote it",
                  into(options.noise_model));
  flags.add_value("--calibrate", "FILE",
                  "write that from the files given, two or more runs of one build, and compare "
                  "nothing",
                  into(options.calibrate));
  flags.add_switch("--force",
                   "compare files of another GPU, dtype, lengths, seed or, on a CPU, threads",
                   options.settings.force);
  flags.add_switch("--common",
                   "leave out rows that one side alone has, or has measured, in place of calling "
                   "them missing",
                   options.settings.common);
  flags.add_value("--format", "NAME", "table, json, markdown or github (annotations of a workflow)",
                  into(options.format, parse_compare_format), "table");
  flags.add_switch("--all", "show every row, the ones that are the same included", options.all);
  flags.add_answers();
}

void check_calibration(const CompareOptions& options) {
  if (!options.base.empty() || !options.next.empty()) {
    throw InputError("--calibrate takes runs of one build, and neither --base nor --new");
  }
  if (!options.noise_model.empty()) {
    throw InputError(
        "--calibrate and --noise_model exclude each other: one writes what the other "
        "reads");
  }
  if (options.same_build.size() < 2) {
    throw InputError("--calibrate needs 2 files or more, of runs of one build");
  }
}

void take_sides(CompareOptions& options, const std::vector<std::string>& files) {
  const bool by_flag = !options.base.empty() || !options.next.empty();
  if (by_flag && !files.empty()) {
    throw InputError("unexpected argument '" + files.front() + "' beside --base and --new");
  }
  if (by_flag && (options.base.empty() || options.next.empty())) {
    throw InputError(options.base.empty() ? "--new needs a --base beside it"
                                          : "--base needs a --new beside it");
  }
  if (by_flag) return;
  if (files.size() < 2) {
    throw InputError("needs two files, BASE and NEW (--help shows how to give several runs)");
  }
  if (files.size() > 2) {
    throw InputError("unexpected argument '" + files[2] +
                     "' after BASE and NEW (several runs of a side stand between commas)");
  }
  append(options.base, files[0]);
  append(options.next, files[1]);
}

}  // namespace

CompareOptions parse_compare_flags(const std::vector<std::string>& arguments) {
  CompareOptions options;
  FlagTable flags(kUsage, kDescription, kFooter);
  fill(flags, options);
  const std::vector<std::string> files = flags.read(arguments);
  options.answer = flags.answer();
  if (!options.answer.empty()) return options;
  if (options.calibrate.empty()) {
    take_sides(options, files);
  } else {
    for (const std::string& file : files) append(options.same_build, file);
    check_calibration(options);
  }
  return options;
}

}  // namespace mhabench::bench
