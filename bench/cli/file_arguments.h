#pragma once

#include <string>
#include <vector>

namespace mhabench::bench {

/// Throws InputError if `out`, by whatever name, is one of the files that are read.
void check_no_input(const std::string& out, const std::vector<std::string>& inputs);

/// `text` as the files it names: itself if there is such a file, else its parts between commas.
std::vector<std::string> file_list(const std::string& text);

}  // namespace mhabench::bench
