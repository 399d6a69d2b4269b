#include "bench/cli/help.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "mhabench/base/text.h"

namespace mhabench::bench {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kNameColumn = 2;
constexpr std::size_t kTextColumn = 29;

// `text` from `column` on, in lines that end before kWidth.
std::string wrapped(std::string_view text, std::size_t column) {
  std::string result;
  std::size_t at = column;
  for (const std::string_view word : split(text, ' ')) {
    if (at > column && at + 1 + word.size() > kWidth) {
      result += '\n' + std::string(column, ' ');
      at = column;
    }
    if (at > column) {
      result += ' ';
      ++at;
    }
    result += word;
    at += word.size();
  }
  return result;
}

std::string name_of(const CLI::Option& option) {
  const std::string name = "--" + option.get_lnames().front();
  return option.get_items_expected_max() == 0 ? name : name + '=' + option.get_type_name();
}

std::string text_of(const CLI::Option& option) {
  const std::string standard = option.get_default_str();
  return option.get_description() + (standard.empty() ? "" : " (default: " + standard + ")");
}

std::string entry_of(const CLI::Option& option) {
  std::string entry = std::string(kNameColumn, ' ') + name_of(option);
  if (entry.size() + 2 > kTextColumn) {
    entry += '\n' + std::string(kTextColumn, ' ');
  } else {
    entry.resize(kTextColumn, ' ');
  }
  return entry + wrapped(text_of(option), kTextColumn) + '\n';
}

}  // namespace

std::string format_help(const CLI::App& app) {
  std::string help =
      wrapped(app.get_description(), 0) + "\n\nUsage: " + app.get_name() + " [--flag=value ...]\n";
  for (const std::string& group : app.get_groups()) {
    help += '\n' + wrapped(group, 0) + ":\n";
    const auto in_group = [&](const CLI::Option* option) { return option->get_group() == group; };
    for (const CLI::Option* option : app.get_options(in_group)) help += entry_of(*option);
  }
  return help + '\n' + app.get_footer();
}

}  // namespace mhabench::bench
