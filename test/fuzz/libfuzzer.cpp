#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/targets.h"

// One program a target: MHABENCH_FUZZ_TARGET is its function.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mhabench::fuzz::MHABENCH_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
