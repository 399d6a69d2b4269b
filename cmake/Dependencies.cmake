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

  find_package(benchmark 1.7.1 CONFIG QUIET)
  if(NOT TARGET benchmark::benchmark)
    find_library(benchmark_LIBRARY benchmark)
    mhabench_header_package(benchmark benchmark::benchmark benchmark/benchmark.h)
    if(NOT benchmark_LIBRARY)
      message(FATAL_ERROR "benchmark: header in ${benchmark_INCLUDE_DIR}, library not found")
    endif()
    find_package(Threads REQUIRED)
    target_link_libraries(benchmark::benchmark INTERFACE "${benchmark_LIBRARY}" Threads::Threads)
    # Its file name has the version where no package file says it; else the oldest one's ways, which
    # newer ones still know.
    file(REAL_PATH "${benchmark_LIBRARY}" file)
    if(file MATCHES "\\.so\\.([0-9]+)\\.([0-9]+)\\.([0-9]+)$")
      set(benchmark_VERSION_MAJOR ${CMAKE_MATCH_1})
      set(benchmark_VERSION_MINOR ${CMAKE_MATCH_2})
      set(benchmark_VERSION_PATCH ${CMAKE_MATCH_3})
    else()
      set(benchmark_VERSION_MAJOR 1)
      set(benchmark_VERSION_MINOR 7)
      set(benchmark_VERSION_PATCH 1)
    endif()
  endif()
endif()

if(MHABENCH_TESTS)
  find_package(GTest REQUIRED)
endif()
