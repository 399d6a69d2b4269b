#pragma once

#include <string>

namespace mhabench::bench {

/// A line of mha_bench's own on stderr, behind the program's name; nothing where it is empty.
void tell(const std::string& line);

}  // namespace mhabench::bench
