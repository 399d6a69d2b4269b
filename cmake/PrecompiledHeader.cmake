# A source with LibTorch's headers takes some 20 s; one precompiled header serves all of them. It
# belongs to a target of its own with no more than all users have in common: the compiler refuses it
# wherever an option or a macro that it was built with is missing, while further macros do no harm.
#
# mhabench_precompile(<target>): lets the sources of <target>, which links LibTorch, mhabench_options and
# mhabench_warnings, use it.

if(MHABENCH_PCH)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/precompiled.cpp" CONTENT "")
  add_library(mhabench_precompiled OBJECT "${PROJECT_BINARY_DIR}/precompiled.cpp")
  target_link_libraries(mhabench_precompiled PRIVATE torch mhabench_options mhabench_warnings)
  target_precompile_headers(mhabench_precompiled PRIVATE <ATen/ATen.h>)
endif()

function(mhabench_precompile target)
  if(MHABENCH_PCH)
    target_precompile_headers(${target} REUSE_FROM mhabench_precompiled)
  endif()
endfunction()
