# The revision is that of the tree, "unknown" where it has none, and the source is written only where
# it changes.
#
#   cmake -D work=<scratch> -D script=<Revision.cmake> -P revision_test.cmake

cmake_minimum_required(VERSION 3.25)

find_program(git git)
if(NOT git)
  message(STATUS "skipped: there is no git")
  return()
endif()
file(REMOVE_RECURSE "${work}")
set(tree "${work}/a tree")
file(MAKE_DIRECTORY "${tree}/inner")
file(WRITE "${tree}/file" "1")
file(WRITE "${work}/template" "@version@ @revision@")

function(git)
  execute_process(
    COMMAND "${git}" -C "${tree}" -c user.name=n -c user.email=e -c commit.gpgsign=false ${ARGN}
    COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()

function(expect folder pattern)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -D "source=${folder}" -D "template=${work}/template" -D
            "out=${work}/out" -D version=1.2.3 -P "${script}"
    COMMAND_ERROR_IS_FATAL ANY)
  file(STRINGS "${work}/out" text)
  if(NOT text MATCHES "^${pattern}$")
    message(FATAL_ERROR "wrote '${text}', not '${pattern}'")
  endif()
endfunction()

# The build folder may lie in another repository.
set(ENV{GIT_CEILING_DIRECTORIES} "${work}")
expect("${tree}" "1.2.3 unknown")
git(init -q)
git(add file)
git(commit -q -m first)
expect("${tree}" "1.2.3 [0-9a-f]+")
expect("${tree}/inner" "1.2.3 unknown")
file(WRITE "${tree}/file" "2")
expect("${tree}" "1.2.3 [0-9a-f]+-dirty")
git(tag v1)
git(commit -q -a -m second)
git(tag -a -m second v2)
expect("${tree}" "1.2.3 v2")

file(TIMESTAMP "${work}/out" before "%s" UTC)
execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
expect("${tree}" "1.2.3 v2")
file(TIMESTAMP "${work}/out" after "%s" UTC)
if(NOT before STREQUAL after)
  message(FATAL_ERROR "written again without a change")
endif()
