#include "bench/cli/flag_table.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "bench/cli/flag_values.h"
#include "bench/cli/help.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/base/version.h"

namespace mhabench::bench {
namespace {

bool is_flag(const std::string& argument) {
  return argument.size() > 1 && argument.starts_with('-');
}

// "--seq-len" as "--seq_len".
std::string with_underscores(std::string name) {
  if (name.starts_with("--")) std::replace(name.begin() + 2, name.end(), '-', '_');
  return name;
}

// "--benchmark_out" as "BENCHMARK_OUT".
std::string variable_of(const std::string& name) {
  std::string variable = name.substr(2);
  std::ranges::transform(variable, variable.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return variable;
}

std::string name_of(const CLI::Option& option) { return "--" + option.get_lnames().front(); }

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string lacks_value(const CLI::Option& option) {
  return name_of(option) + " needs a value: " + name_of(option) + '=' + option.get_type_name();
}

}  // namespace

FlagTable::FlagTable(const std::string& usage, const std::string& description,
                     const std::string& footer)
    : app_(description, usage) {
  app_.set_help_flag();  // CLI11's own answers after the values have been read.
  app_.footer(footer);
}

void FlagTable::group(const std::string& title) {
  group_ = title;
  is_benchmarks_ = false;
}

void FlagTable::benchmark_group(const std::string& title) {
  group_ = title;
  is_benchmarks_ = true;
}

CLI::Option* FlagTable::added(CLI::Option* option, Setter set, const std::string& standard) {
  bindings_.push_back({option, std::move(set), is_benchmarks_});
  if (is_benchmarks_) option->envname(variable_of(name_of(*option)));
  if (!standard.empty()) option->default_str(standard);
  option->group(group_);
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

CLI::Option* FlagTable::add_value(const std::string& name, const std::string& type,
                                  const std::string& text, Setter set,
                                  const std::string& standard) {
  CLI::Option* const option = app_.add_option(name, CLI::callback_t{}, text);
  return added(option, std::move(set), standard)->type_name(type);
}

void FlagTable::add_repeated(const std::string& name, const std::string& type,
                             const std::string& text, Setter set) {
  add_value(name, type, text, std::move(set))->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void FlagTable::add_switch(const std::string& name, const std::string& text, bool& target,
                           const std::string& standard) {
  added(app_.add_flag(name, text), into(target, parse_switch), standard);
}

void FlagTable::add_choice(const std::string& name, const std::string& text, Setter set) {
  added(app_.add_flag(name, text), std::move(set), "");
}

void FlagTable::add_answers(const std::string& built_on) {
  const auto ignore = [](const std::string&) {};  // see answer()
  add_choice("--help", "print this, as -h does", ignore);
  add_choice("--version", "print the version this was built from", ignore);
  const std::string name = app_.get_name().substr(0, app_.get_name().find(' '));
  version_ = name + ' ' + std::string(project_version()) + " (" + std::string(project_revision()) +
             ')' + (built_on.empty() ? "" : ", " + built_on) + '\n';
}

std::vector<std::string> FlagTable::read(const std::vector<std::string>& arguments) {
  Line line = parted(arguments);
  std::ranges::reverse(line.flags);  // CLI11 takes them from the end.
  app_.parse(std::move(line.flags));
  if (!answer().empty()) return {};
  if (!line.unknown.empty()) throw InputError(unknown_flag(line.unknown.front()));
  for (const Binding& binding : bindings_) apply(binding);
  return line.others;
}

std::string FlagTable::answer() const {
  if (version_.empty()) return "";
  if (app_.count("--help") > 0) return format_help(app_);
  return app_.count("--version") > 0 ? version_ : "";
}

// CLI11 gets known flags only, in the one spelling that it takes as meant: to it "--x= --y" and
// "--x --y" both make "--y" the value of x, and "-heads=8" would be a "-h".
FlagTable::Line FlagTable::parted(const std::vector<std::string>& arguments) const {
  Line line;
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (*argument == "--") {
      line.others.insert(line.others.end(), std::next(argument), arguments.end());
      break;
    }
    if (!is_flag(*argument)) {
      line.others.push_back(*argument);
      continue;
    }
    const std::string text = *argument == "-h" ? "--help" : *argument;
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string name = with_underscores(text.substr(0, equals));
    const CLI::Option* const option =
        name.starts_with("--") ? app_.get_option_no_throw(name) : nullptr;
    if (option == nullptr) {
      line.unknown.push_back(text);
    } else if (!takes_value(*option)) {
      line.flags.push_back(name + text.substr(equals));
    } else if (equals < text.size()) {
      line.flags.insert(line.flags.end(), {name, text.substr(equals + 1)});
    } else if (std::next(argument) != arguments.end() && !std::next(argument)->starts_with("--")) {
      line.flags.insert(line.flags.end(), {name, *++argument});
    } else {
      throw InputError(lacks_value(*option));
    }
  }
  return line;
}

std::string FlagTable::unknown_flag(const std::string& argument) const {
  const std::string flag = argument.substr(0, argument.find('='));
  std::string word = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
  std::ranges::replace(word, '-', '_');
  std::vector<std::string> known;
  for (const Binding& binding : bindings_) known.push_back(binding.option->get_lnames().front());
  const bool lacks_prefix = std::ranges::find(known, "benchmark_" + word) != known.end();
  const std::string meant = lacks_prefix ? "benchmark_" + word : closest(word, known);
  return "unknown flag '" + flag + "' (--help lists all)" +
         (meant.empty() ? "" : ", did you mean '--" + meant + "'?");
}

void FlagTable::apply(const Binding& binding) const {
  const CLI::Option& option = *binding.option;
  if (option.count() == 0) return;
  const std::vector<CLI::Option*>& given = app_.parse_order();
  const bool is_given = std::ranges::find(given, &option) != given.end();
  for (const std::string& value : option.reduced_results()) {
    if (value.empty() && !binding.may_be_empty) throw InputError(lacks_value(option));
    try {
      binding.set(value);
    } catch (const InputError& error) {
      const std::string source =
          is_given ? name_of(option) : option.get_envname() + " in the environment";
      throw InputError(source + ": " + error.what());
    }
  }
}

void check_none(const std::vector<std::string>& others) {
  if (others.empty()) return;
  throw InputError("unexpected argument '" + others.front() +
                   "' (allowed: flags alone, as --flag=value)");
}

}  // namespace mhabench::bench
