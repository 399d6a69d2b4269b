# The installed package, seen from a project that knows nothing of this one. Steps, each a test:
#
#   install      puts the package into a folder and moves it to another
#   relocatable  no file in it names a folder of the machine that built it
#   consumer     builds the example and a source with every header
#   example      runs the example
#   other_torch  another LibTorch is refused, with one line that says so
#
#   cmake -D step=... -D work=<scratch> -D build=<build tree> -D source=<test/package>
#         -D examples=<docs/examples>
#         -D torch_prefix=... -D torch_version=... -D version=<project's> -D config=<Release...>
#         -D "private=<folders>" -D "cudacxx=<nvcc that a consumer must be told of>" -P package_test.cmake

cmake_minimum_required(VERSION 3.25)

set(package "${work}/moved/package")

function(run what)
  execute_process(
    COMMAND ${ARGN}
    RESULT_VARIABLE failed
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(failed)
    message(NOTICE "${output}")
    message(FATAL_ERROR "${what} failed: ${failed}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# What the person who uses the package may have set must not help.
foreach(variable IN ITEMS CMAKE_PREFIX_PATH Torch_DIR mhabench_DIR)
  unset(ENV{${variable}})
endforeach()

if(cudacxx)
  set(ENV{CUDACXX} "${cudacxx}")
endif()

if(step STREQUAL "install")
  file(REMOVE_RECURSE "${work}")
  run("installing" "${CMAKE_COMMAND}" --install "${build}" --prefix "${work}/first" --config
      "${config}")
  file(MAKE_DIRECTORY "${work}/moved")
  file(RENAME "${work}/first" "${package}")

elseif(step STREQUAL "relocatable")
  file(GLOB_RECURSE files "${package}/*")
  if(NOT files)
    message(FATAL_ERROR "nothing is installed in ${package}")
  endif()
  set(found "")
  foreach(file IN LISTS files)
    # Other builds keep debug information in the archive, which has folders in it.
    if(file MATCHES "\\.a$" AND NOT config STREQUAL "Release")
      continue()
    endif()
    foreach(folder IN LISTS private)
      string(REGEX REPLACE "([][+.*()^$?|\\])" "\\\\\\1" pattern "${folder}")
      file(STRINGS "${file}" lines REGEX "${pattern}" LIMIT_COUNT 1)
      if(lines)
        string(APPEND found "\n${file}: ${lines}")
      endif()
    endforeach()
  endforeach()
  if(found)
    message(NOTICE "${found}")
    message(FATAL_ERROR "the package names folders of the machine that built it")
  endif()

elseif(step STREQUAL "consumer")
  run("configuring" "${CMAKE_COMMAND}" -S "${source}/consumer" -B "${work}/build" -G Ninja
      "-Dexamples=${examples}" "-DCMAKE_PREFIX_PATH=${package}\\;${torch_prefix}")
  run("building" "${CMAKE_COMMAND}" --build "${work}/build")

elseif(step STREQUAL "example")
  run("running" "${work}/build/example/own_path")
  message(NOTICE "${output}")
  set(row "/fp[0-9]+/batch:16/seq_len:64/embed_dim:256/heads:8/beta:0\\.85: right, event_us [0-9.]+[^\n]*\n")
  if(NOT output MATCHES "^MHA/slow${row}MHA/packed_[a-z]+${row}MHA/one_by_one${row}$")
    message(FATAL_ERROR "the example did not print three right rows")
  endif()

elseif(step STREQUAL "other_torch")
  foreach(other IN ITEMS 2.10.0 2.11.1 2.12.0)
    set(stub "${work}/torch-${other}")
    file(WRITE "${stub}/share/cmake/Torch/TorchConfig.cmake"
         "message(FATAL_ERROR \"the package loaded another LibTorch\")\n")
    file(WRITE "${stub}/share/cmake/Torch/TorchConfigVersion.cmake"
         "set(PACKAGE_VERSION \"${other}\")\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n")
    execute_process(
      COMMAND "${CMAKE_COMMAND}" -S "${source}/consumer" -B "${work}/build-${other}" -G Ninja
              "-Dexamples=${examples}"
              "-DCMAKE_PREFIX_PATH=${package};${stub}"
      RESULT_VARIABLE failed
      OUTPUT_VARIABLE output
      ERROR_VARIABLE output)
    if(NOT failed)
      message(NOTICE "${output}")
      message(FATAL_ERROR "LibTorch ${other} was accepted")
    endif()
    # CMake breaks messages into lines as it sees fit.
    string(REGEX REPLACE "[ \n]+" " " words "${output}")
    set(expected
        "mhabench ${version} was built with LibTorch ${torch_version} and cannot be used with LibTorch ${other} in ${stub}"
    )
    string(FIND "${words}" "${expected}" at)
    if(at LESS 0)
      message(NOTICE "${output}")
      message(FATAL_ERROR "LibTorch ${other} was refused, but not with '${expected}'")
    endif()
  endforeach()

else()
  message(FATAL_ERROR "no such step: '${step}'")
endif()
