# One target that carries the project's warnings; LibTorch's headers come in as system headers and
# are exempt.
add_library(mhabench_warnings INTERFACE)
target_compile_options(
  mhabench_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wold-style-cast
            -Wcast-qual
            -Wformat=2
            -Wundef
            -Wunused
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
            $<$<BOOL:${MHABENCH_WARNINGS_AS_ERRORS}>:-Werror>)

# GCC 12 takes "literal" + std::string in C++20 for a copy of overlapping or endless memory (its
# bugs 105329 and 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(mhabench_warnings INTERFACE -Wno-array-bounds -Wno-restrict
                                                  -Wno-stringop-overflow)
endif()
