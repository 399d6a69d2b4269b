#include "bench/cli/file_arguments.h"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "mhabench/base/error.h"
#include "mhabench/base/output_file.h"
#include "mhabench/base/text.h"

namespace mhabench::bench {

void check_no_input(const std::string& out, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    if (same_file(out, input)) {
      throw InputError("'" + out + "' would be replaced and is one of the inputs");
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
