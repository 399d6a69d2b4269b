# The libraries beside LibTorch. Each is taken from its own package file where one is installed;
# distributions and images that ship bare headers are searched for these.

# mhabench_header_package(<name> <target> <header>): makes <target> from a header's folder where
# find_package(<name>) did not define it.
function(mhabench_header_package name target header)
  if(TARGET ${target})
    return()
  endif()
  find_path(${name}_INCLUDE_DIR "${header}")
  if(NOT ${name}_INCLUDE_DIR)
    message(FATAL_ERROR "${name} not found (no package file, no header ${header}): "
                        "run scripts/setup, or put its prefix on CMAKE_PREFIX_PATH")
  endif()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE "${${name}_INCLUDE_DIR}")
  message(STATUS "${name}: headers in ${${name}_INCLUDE_DIR}")
endfunction()

find_package(Boost 1.74 CONFIG QUIET)
mhabench_header_package(Boost Boost::headers boost/math/distributions/beta.hpp)

find_package(nlohmann_json 3.10 CONFIG QUIET)
mhabench_header_package(nlohmann_json nlohmann_json::nlohmann_json nlohmann/json.hpp)

if(MHABENCH_BENCH)
  find_package(CLI11 CONFIG QUIET)
  mhabench_header_package(CLI11 CLI11::CLI11 CLI/CLI.hpp)
  find_package(benchmark 1.7.1 CONFIG REQUIRED)
endif()

if(MHABENCH_TESTS)
  find_package(GTest REQUIRED)
endif()
