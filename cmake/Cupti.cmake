# CUPTI's headers, which come with the CUDA Toolkit or beside torch. The library itself is looked for
# when the program runs. Sets MHABENCH_WITH_CUPTI to 1 or 0 and MHABENCH_CUPTI_INCLUDES.

set(MHABENCH_WITH_CUPTI 0)
set(MHABENCH_CUPTI_INCLUDES "")
if(MHABENCH_WITH_CUDA)
  # Nowhere else: headers of another release would fit neither CUDA's nor the library.
  find_path(
    MHABENCH_CUPTI_INCLUDE_DIR cupti.h
    PATHS "${CUDA_TOOLKIT_ROOT_DIR}/include" "${CUDA_TOOLKIT_ROOT_DIR}/extras/CUPTI/include"
          "${CUDA_TOOLKIT_ROOT_DIR}/targets/x86_64-linux/include"
          "${MHABENCH_TORCH_PREFIX}/../nvidia/cu13/include"
          "${MHABENCH_TORCH_PREFIX}/../nvidia/cuda_cupti/include"
    NO_DEFAULT_PATH)
  if(MHABENCH_CUPTI_INCLUDE_DIR)
    set(MHABENCH_WITH_CUPTI 1)
    set(MHABENCH_CUPTI_INCLUDES "${MHABENCH_CUPTI_INCLUDE_DIR}")
    message(STATUS "CUPTI: headers in ${MHABENCH_CUPTI_INCLUDE_DIR}")
  else()
    message(STATUS "CUPTI: no headers; kernels will not be traced")
  endif()
endif()
