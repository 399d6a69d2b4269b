#pragma once

#include <string_view>

namespace mhabench::bench {

/// The name that opens the program's own lines; "mha_bench" until it is set.
void set_program_name(std::string_view name);

/// Prints a line of the program's own on stderr, behind its name; nothing if it is empty.
void tell(std::string_view line);

}  // namespace mhabench::bench
