#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/cli/options.h"

namespace mhabench::bench {

/// A list of flags and what each does to the options. CLI11 finds flags, values and environment
/// variables; values are read by the flags' setters once the whole line is known.
class FlagTable {
 public:
  using Setter = std::function<void(Options&, const std::string& value)>;

  /// The texts are those of --help, which opens with the description and ends with the footer.
  FlagTable(const std::string& program, const std::string& description, const std::string& footer);

  /// Flags added from here on are the suite's own, and stand under this title in --help.
  void own_group(const std::string& title);
  /// Flags added from here on are Google Benchmark's: also read from the environment variable of
  /// their name in capitals, and given an empty value to mean none.
  void benchmark_group(const std::string& title);

  /// A flag with a value, "--beta=LIST". Its setter may throw InputError about the value; the flag
  /// is named by the table. The option returned is for default_str and the like.
  CLI::Option* add_value(const std::string& name, const std::string& type, const std::string& text,
                         Setter set);
  /// A flag without, or with a value that parse_switch takes.
  CLI::Option* add_switch(const std::string& name, const std::string& text,
                          std::function<bool&(Options&)> target);

  /// A flag with or without a value, "--resume" or "--resume=force"; without, it is "true".
  CLI::Option* add_choice(const std::string& name, const std::string& text, Setter set);

  /// Takes a command line without the program's name. Throws InputError for a flag without the
  /// value that it needs.
  void read(const std::vector<std::string>& arguments);

  /// Whether the line that was read has the flag.
  bool has(const std::string& name) const;

  /// Sets what was read. Throws InputError for an unknown flag, an argument that is no flag and,
  /// with the name of the flag or variable before it, what a setter throws.
  void apply(Options& options) const;

  std::string help() const;

 private:
  struct Binding {
    const CLI::Option* option;
    Setter set;
    bool may_be_empty;
  };

  CLI::Option* added(CLI::Option* option, const std::string& name, Setter set);
  std::vector<std::string> normalised(const std::vector<std::string>& arguments) const;
  void check_extras() const;
  std::string unknown_flag(const std::string& argument) const;
  void apply(const Binding& binding, Options& options) const;

  CLI::App app_;
  std::string group_;
  bool is_benchmarks_ = false;
  std::vector<Binding> bindings_;
};

}  // namespace mhabench::bench
