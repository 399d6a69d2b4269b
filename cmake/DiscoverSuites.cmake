# CTest runs this file each time it starts, and so lists the tests that the program has then; a build
# does not load LibTorch for it. Loading it takes 0.4 s a process, and a GPU's first use 1 s more, so
# the tests of a suite share a process. Those that use a GPU are a CTest test of their own, with the
# label gpu: they run one at a time, because many time what the GPU does.
#
# mhabench_add_suites(<program> <each_alone> <gpu_pattern>): with each_alone a test shares with none.
cmake_policy(VERSION 3.25)

function(mhabench_add_suites program each_alone gpu_pattern)
  if(NOT EXISTS "${program}")
    add_test("${program} is not built" "${program}")
    return()
  endif()
  execute_process(
    COMMAND "${program}" --gtest_list_tests
    OUTPUT_VARIABLE list
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    add_test("${program} cannot list its tests" "${program}" --gtest_list_tests)
    return()
  endif()
  string(REGEX REPLACE "[ \t]*#[^\n]*" "" list "${list}")
  string(REGEX MATCHALL "[^\n]+" lines "${list}")
  foreach(line IN LISTS lines)
    if(line MATCHES "^([^ ]+)\\.$")
      set(suite ${CMAKE_MATCH_1})
    elseif(line MATCHES "^  ([^ ]+)$")
      set(test ${suite}.${CMAKE_MATCH_1})
      set(entry ${suite})
      if(each_alone)
        set(entry ${test})
      endif()
      if(test MATCHES "${gpu_pattern}")
        string(APPEND entry " on GPU")
        list(APPEND on_gpu "${entry}")
      endif()
      list(APPEND entries "${entry}")
      list(APPEND "tests of ${entry}" "${test}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES entries)
  foreach(entry IN LISTS entries)
    list(JOIN "tests of ${entry}" ":" filter)
    add_test("${entry}" "${program}" "--gtest_filter=${filter}")
    # As many processes run as there are processors: waiting threads must not spin.
    set_tests_properties("${entry}" PROPERTIES TIMEOUT 600 COST 10 ENVIRONMENT
                                               OMP_WAIT_POLICY=passive)
    if(entry IN_LIST on_gpu)
      set_tests_properties("${entry}" PROPERTIES LABELS gpu RESOURCE_LOCK gpu)
    endif()
  endforeach()
endfunction()
