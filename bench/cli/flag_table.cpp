#include "bench/cli/flag_table.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "bench/cli/flag_values.h"
#include "bench/cli/help.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench::bench {
namespace {

bool is_long_flag(const std::string& argument) {
  return argument.size() > 2 && argument.starts_with("--");
}

// "--seq-len" as "--seq_len".
std::string with_underscores(std::string name) {
  std::replace(name.begin() + 2, name.end(), '-', '_');
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

FlagTable::FlagTable(const std::string& program, const std::string& description,
                     const std::string& footer)
    : app_(description, program) {
  app_.set_help_flag();  // None of CLI11's own, which answers after the values have been read.
  app_.allow_extras();   // check_extras says more of them.
  app_.footer(footer);
}

void FlagTable::own_group(const std::string& title) {
  group_ = title;
  is_benchmarks_ = false;
}

void FlagTable::benchmark_group(const std::string& title) {
  group_ = title;
  is_benchmarks_ = true;
}

CLI::Option* FlagTable::add_value(const std::string& name, const std::string& type,
                                  const std::string& text, Setter set) {
  CLI::Option* const option = app_.add_option(name, CLI::callback_t{}, text);
  return added(option, name, std::move(set))->type_name(type);
}

CLI::Option* FlagTable::add_switch(const std::string& name, const std::string& text,
                                   std::function<bool&(Options&)> target) {
  const auto set = [target = std::move(target)](Options& options, const std::string& value) {
    target(options) = parse_switch(value);
  };
  return added(app_.add_flag(name, text), name, set);
}

CLI::Option* FlagTable::add_choice(const std::string& name, const std::string& text, Setter set) {
  return added(app_.add_flag(name, text), name, std::move(set));
}

CLI::Option* FlagTable::added(CLI::Option* option, const std::string& name, Setter set) {
  bindings_.push_back({option, std::move(set), is_benchmarks_});
  if (is_benchmarks_) option->envname(variable_of(name));
  option->group(group_);
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void FlagTable::read(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed = normalised(arguments);
  std::ranges::reverse(reversed);  // CLI11 takes them from the end.
  app_.parse(std::move(reversed));
}

// What CLI11 would take otherwise than meant: a '-' in a name, and values that are empty or look
// like flags: to it "--x= --y" and "--x --y" both make "--y" the value of x. A short flag of its
// own would make "-heads=8" a "-h".
std::vector<std::string> FlagTable::normalised(const std::vector<std::string>& arguments) const {
  std::vector<std::string> result;
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (!is_long_flag(*argument)) {
      result.push_back(*argument == "-h" ? "--help" : *argument);
      continue;
    }
    const std::size_t equals = std::min(argument->find('='), argument->size());
    const std::string name = with_underscores(argument->substr(0, equals));
    const CLI::Option* const option = app_.get_option_no_throw(name);
    if (option == nullptr) {
      result.push_back(*argument);
    } else if (!takes_value(*option)) {
      result.push_back(name + argument->substr(equals));
    } else if (equals < argument->size()) {
      result.insert(result.end(), {name, argument->substr(equals + 1)});
    } else if (std::next(argument) != arguments.end() && !is_long_flag(*std::next(argument))) {
      result.insert(result.end(), {name, *++argument});
    } else {
      throw InputError(lacks_value(*option));
    }
  }
  return result;
}

bool FlagTable::has(const std::string& name) const { return app_.count(name) > 0; }

void FlagTable::apply(Options& options) const {
  check_extras();
  for (const Binding& binding : bindings_) apply(binding, options);
}

void FlagTable::check_extras() const {
  const std::vector<std::string> extras = app_.remaining();
  if (extras.empty()) return;
  const std::string& first = extras.front();
  const std::size_t name = first.find_first_not_of('-');
  if (name > 0 && name < first.find('=') && name != std::string::npos) {
    throw InputError(unknown_flag(first));
  }
  throw InputError("unexpected argument '" + first + "' (allowed: flags alone, as --flag=value)");
}

std::string FlagTable::unknown_flag(const std::string& argument) const {
  const std::string flag = argument.substr(0, argument.find('='));
  std::string word = flag.substr(flag.find_first_not_of('-'));
  std::ranges::replace(word, '-', '_');
  std::vector<std::string> known;
  for (const Binding& binding : bindings_) known.push_back(binding.option->get_lnames().front());
  const bool lacks_prefix = std::ranges::find(known, "benchmark_" + word) != known.end();
  const std::string meant = lacks_prefix ? "benchmark_" + word : closest(word, known);
  return "unknown flag '" + flag + "' (--help lists all)" +
         (meant.empty() ? "" : ", did you mean '--" + meant + "'?");
}

void FlagTable::apply(const Binding& binding, Options& options) const {
  const CLI::Option& option = *binding.option;
  if (option.count() == 0) return;
  const std::vector<CLI::Option*>& given = app_.parse_order();
  const bool is_given = std::ranges::find(given, &option) != given.end();
  for (const std::string& value : option.reduced_results()) {
    if (value.empty() && !binding.may_be_empty) throw InputError(lacks_value(option));
    try {
      binding.set(options, value);
    } catch (const InputError& error) {
      const std::string source =
          is_given ? name_of(option) : option.get_envname() + " in the environment";
      throw InputError(source + ": " + error.what());
    }
  }
}

std::string FlagTable::help() const { return format_help(app_); }

}  // namespace mhabench::bench
