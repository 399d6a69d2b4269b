#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace mhabench::bench {

/// The flags of a small program whose other arguments are files. '-' and '_' are the same in a
/// flag's name; all after "--" are files.
class FileFlags {
 public:
  using Setter = std::function<void(const std::string& value)>;

  /// The texts are those of --help; `usage` is the program's name and what follows it.
  FileFlags(const std::string& usage, const std::string& description, const std::string& footer);

  /// "--format=NAME". The setter is called once for each time the flag is given, and may throw
  /// InputError about the value; the flag is named for it.
  CLI::Option* add_value(const std::string& name, const std::string& type, const std::string& text,
                         Setter set);
  CLI::Option* add_switch(const std::string& name, const std::string& text, bool& target);

  /// Calls the setters and returns the other arguments. Throws InputError.
  std::vector<std::string> read(const std::vector<std::string>& arguments) const;

  std::string help() const;

 private:
  struct Flag {
    std::string name;  // with its dashes
    std::string type;  // empty for a switch
    Setter set;
  };

  const Flag& find(const std::string& name) const;

  CLI::App app_;  // for the text of --help
  std::vector<Flag> flags_;
};

/// Throws InputError where `out`, by whatever name, is one of the files that are read.
void check_no_input(const std::string& out, const std::vector<std::string>& inputs);

/// `text` as the files it names: itself where there is such a file, else parts between commas.
std::vector<std::string> file_list(const std::string& text);

}  // namespace mhabench::bench
