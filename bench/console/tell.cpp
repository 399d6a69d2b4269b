#include "bench/console/tell.h"

#include <iostream>
#include <string>

#include "mhabench/base/text.h"

namespace mhabench::bench {
namespace {

std::string& program_name() {
  static std::string name = "mha_bench";
  return name;
}

}  // namespace

void set_program_name(std::string_view name) { program_name() = name; }

void tell(std::string_view line) {
  if (!line.empty()) std::cerr << program_name() << ": " << one_line(line) << '\n';
}

}  // namespace mhabench::bench
