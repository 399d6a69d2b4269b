#include "bench/cli/compare_flags.h"

#include <array>
#include <string_view>
#include <utility>

#include "bench/cli/file_flags.h"
#include "bench/cli/flag_values.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

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

constexpr std::array<std::pair<std::string_view, CompareFormat>, 4> kFormats{{
    {"table", CompareFormat::table},
    {"json", CompareFormat::json},
    {"markdown", CompareFormat::markdown},
    {"github", CompareFormat::github},
}};

CompareFormat parse_compare_format(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& [name, format] : kFormats) {
    if (name == text) return format;
    names.emplace_back(name);
  }
  throw InputError(unknown_word("format", text, names));
}

std::vector<Clock> parse_clocks(const std::string& text) {
  if (text == "busy") return {Clock::busy};
  if (text == "event") return {Clock::event};
  if (text == "both") return {Clock::busy, Clock::event};
  throw InputError(unknown_word("clock", text, {"busy", "event", "both"}));
}

void append(std::vector<std::string>& files, const std::string& text) {
  for (std::string& file : file_list(text)) files.push_back(std::move(file));
}

// Filled for an `options` that outlives it.
void fill(FileFlags& flags, CompareOptions& options) {
  flags.add_value("--base", "FILE", "a run of BASE; may be given several times, or as FILE,FILE",
                  [&](const std::string& v) { append(options.base, v); });
  flags.add_value("--new", "FILE", "a run of NEW, likewise",
                  [&](const std::string& v) { append(options.next, v); });
  flags
      .add_value("--threshold", "SHARE", "a slowdown of this share or less is none",
                 [&](const std::string& v) { options.settings.threshold = parse_share(v); })
      ->default_str("0.02");
  flags
      .add_value("--clock", "NAME",
                 "busy (what the GPU works), event (what a loop of calls sees) or both",
                 [&](const std::string& v) { options.settings.clocks = parse_clocks(v); })
      ->default_str("both");
  flags.add_value("--noise_model", "FILE", "how runs of one build scatter, as --calibrate wrote it",
                  [&](const std::string& v) { options.noise_model = v; });
  flags.add_value("--calibrate", "FILE",
                  "write that from the files given, two or more runs of one build, and compare "
                  "nothing",
                  [&](const std::string& v) { options.calibrate = v; });
  flags.add_switch("--force",
                   "compare files of another GPU, dtype, lengths, seed or, on a CPU, threads",
                   options.settings.force);
  flags.add_switch("--common",
                   "leave out rows that one side alone has, or has measured, in place of calling "
                   "them missing",
                   options.settings.common);
  flags
      .add_value("--format", "NAME", "table, json, markdown or github (annotations of a workflow)",
                 [&](const std::string& v) { options.format = parse_compare_format(v); })
      ->default_str("table");
  flags.add_switch("--all", "show every row, the ones that are the same included", options.all);
  flags.add_switch("--help", "print this, as -h does", options.help);
  flags.add_switch("--version", "print the version", options.version);
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
    throw InputError(
        one_line("unexpected argument '" + files.front() + "' beside --base and --new"));
  }
  if (by_flag && (options.base.empty() || options.next.empty())) {
    throw InputError(options.base.empty() ? "--new needs a --base beside it"
                                          : "--base needs a --new beside it");
  }
  if (by_flag) return;
  if (files.size() != 2) {
    throw InputError(
        one_line(files.size() < 2
                     ? "needs two files, BASE and NEW (--help shows how to give several runs)"
                     : "unexpected argument '" + files[2] +
                           "' after BASE and NEW (several runs of a side stand between commas)"));
  }
  append(options.base, files[0]);
  append(options.next, files[1]);
}

}  // namespace

CompareOptions parse_compare_flags(const std::vector<std::string>& arguments) {
  CompareOptions options;
  FileFlags flags(kUsage, kDescription, kFooter);
  fill(flags, options);
  const std::vector<std::string> files = flags.read(arguments);
  if (options.help || options.version) return options;
  if (options.calibrate.empty()) {
    take_sides(options, files);
  } else {
    for (const std::string& file : files) append(options.same_build, file);
    check_calibration(options);
  }
  return options;
}

std::string compare_help() {
  CompareOptions options;
  FileFlags flags(kUsage, kDescription, kFooter);
  fill(flags, options);
  return flags.help();
}

}  // namespace mhabench::bench
