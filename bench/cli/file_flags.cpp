#include "bench/cli/file_flags.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "bench/cli/flag_values.h"
#include "bench/cli/help.h"
#include "mhabench/base/error.h"
#include "mhabench/base/output_file.h"
#include "mhabench/base/text.h"

namespace mhabench::bench {

FileFlags::FileFlags(const std::string& usage, const std::string& description,
                     const std::string& footer)
    : app_(description, usage) {
  app_.set_help_flag();
  app_.footer(footer);
}

CLI::Option* FileFlags::add_value(const std::string& name, const std::string& type,
                                  const std::string& text, Setter set) {
  flags_.push_back({name, type, std::move(set)});
  return app_.add_option(name, CLI::callback_t{}, text)->type_name(type)->group("Flags");
}

CLI::Option* FileFlags::add_switch(const std::string& name, const std::string& text, bool& target) {
  flags_.push_back(
      {name, "", [&target](const std::string& value) { target = parse_switch(value); }});
  return app_.add_flag(name, text)->group("Flags");
}

const FileFlags::Flag& FileFlags::find(const std::string& name) const {
  std::string word = name;
  std::ranges::replace(word.begin() + 2, word.end(), '-', '_');
  const auto found = std::ranges::find(flags_, word, &Flag::name);
  if (found != flags_.end()) return *found;
  std::vector<std::string> known;
  for (const Flag& flag : flags_) known.push_back(flag.name.substr(2));
  const std::string meant = closest(word.substr(2), known);
  throw InputError(one_line("unknown flag '" + name + "' (--help lists all)" +
                            (meant.empty() ? "" : ", did you mean '--" + meant + "'?")));
}

std::vector<std::string> FileFlags::read(const std::vector<std::string>& arguments) const {
  std::vector<std::string> files;
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (*argument == "--") {
      files.insert(files.end(), std::next(argument), arguments.end());
      break;
    }
    const std::string text = *argument == "-h" ? "--help" : *argument;
    if (text.size() > 1 && text.front() == '-' && !text.starts_with("--")) {
      throw InputError(one_line("unknown flag '" + text + "' (--help lists all)"));
    }
    if (!text.starts_with("--")) {
      files.push_back(text);
      continue;
    }
    const std::size_t equals = std::min(text.find('='), text.size());
    const Flag& flag = find(text.substr(0, equals));
    const bool has_value = equals < text.size();
    std::string value = has_value ? text.substr(equals + 1) : flag.type.empty() ? "true" : "";
    if (!has_value && !flag.type.empty() && std::next(argument) != arguments.end()) {
      if (!std::next(argument)->starts_with("--")) value = *++argument;
    }
    if (value.empty()) {
      throw InputError(flag.name + " needs a value: " + flag.name + '=' +
                       (flag.type.empty() ? "true" : flag.type));
    }
    try {
      flag.set(value);
    } catch (const InputError& error) {
      throw InputError(one_line(flag.name + ": " + error.what()));
    }
  }
  return files;
}

std::string FileFlags::help() const { return format_help(app_); }

void check_no_input(const std::string& out, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    if (same_file(out, input)) {
      throw InputError(one_line("'" + out + "' would be replaced and is one of the inputs"));
    }
  }
}

std::vector<std::string> file_list(const std::string& text) {
  std::error_code none;
  if (std::filesystem::exists(text, none)) return {text};
  std::vector<std::string> files;
  for (const std::string_view part : split(text, ',')) {
    if (part.empty()) throw InputError("'" + text + "' has an empty name between its commas");
    files.emplace_back(part);
  }
  return files;
}

}  // namespace mhabench::bench
