#include "bench/console/tell.h"

#include <iostream>

namespace mhabench::bench {

void tell(const std::string& line) {
  if (!line.empty()) std::cerr << "mha_bench: " << line << '\n';
}

}  // namespace mhabench::bench
