#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace mhabench::bench {

/// The flags of a program and what each of them sets. '-' and '_' are the same in a flag's name;
/// --flag=value and --flag value say the same; of a flag that is given twice the last value counts.
/// CLI11 holds the flags and finds values and environment variables; setters read the values once
/// the whole line is known.
class FlagTable {
 public:
  using Setter = std::function<void(const std::string& value)>;

  /// The texts are those of --help, which opens with the description and ends with the footer.
  /// `usage` is the program's name and what follows it beside flags: "mha_compare BASE NEW".
  FlagTable(const std::string& usage, const std::string& description, const std::string& footer);

  /// Flags added from here on stand under this title in --help.
  void group(const std::string& title);
  /// The same, and they are Google Benchmark's: also read from the environment variable of their
  /// name in capitals, and given an empty value to mean none.
  void benchmark_group(const std::string& title);

  /// A flag with a value, "--beta=LIST". Its setter may throw InputError about the value; the table
  /// adds the flag's name. `standard` is the default as --help tells it.
  CLI::Option* add_value(const std::string& name, const std::string& type, const std::string& text,
                         Setter set, const std::string& standard = "");
  /// The same, whose setter is called for each time that the flag is given, in order.
  void add_repeated(const std::string& name, const std::string& type, const std::string& text,
                    Setter set);
  /// A flag without a value, or with one that parse_switch takes.
  void add_switch(const std::string& name, const std::string& text, bool& target,
                  const std::string& standard = "");
  /// A flag with or without a value, "--resume" or "--resume=force"; without, it is "true".
  void add_choice(const std::string& name, const std::string& text, Setter set);
  /// --help, -h and --version, which gives what the program was built on beside its own version.
  void add_answers(const std::string& built_on = "");

  /// Reads a command line without the program's name, calls the setters, and returns the arguments
  /// that are no flags; all behind "--" are none. Throws InputError for an unknown flag, one
  /// without the value that it needs and, with the name of the flag or variable before it, what a
  /// setter throws.
  std::vector<std::string> read(const std::vector<std::string>& arguments);

  /// What the line asks to print in place of all else, by --help or --version; then no setter was
  /// called. Empty if it has neither.
  std::string answer() const;

 private:
  struct Binding {
    const CLI::Option* option;
    Setter set;
    bool may_be_empty;
  };
  struct Line {
    std::vector<std::string> flags;  // as CLI11 takes them
    std::vector<std::string> unknown, others;
  };

  CLI::Option* added(CLI::Option* option, Setter set, const std::string& standard);
  Line parted(const std::vector<std::string>& arguments) const;
  std::string unknown_flag(const std::string& argument) const;
  void apply(const Binding& binding) const;

  CLI::App app_;
  std::string group_ = "Flags";
  bool is_benchmarks_ = false;
  std::vector<Binding> bindings_;
  std::string version_;
};

/// For a program that takes nothing but flags: throws InputError if there are other arguments.
void check_none(const std::vector<std::string>& others);

/// A setter that keeps what `parse` makes of a value.
template <typename Target, typename Parse>
FlagTable::Setter into(Target& target, Parse parse) {
  return [&target, parse](const std::string& value) { target = parse(value); };
}

/// A setter that keeps the value.
inline FlagTable::Setter into(std::string& target) {
  return [&target](const std::string& value) { target = value; };
}

}  // namespace mhabench::bench
