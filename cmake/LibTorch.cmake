# Finds LibTorch (LocateLibTorch.cmake says where it looks) and sets MHABENCH_WITH_CUDA. Included at
# the top of the project, since LibTorch's package enables the CUDA language in the scope that calls
# it.

include(LocateLibTorch)

set(MHABENCH_TORCH_LEAST 2.11)
set(MHABENCH_TORCH "$ENV{MHABENCH_TORCH}"
    CACHE STRING "Exact version of LibTorch, which set-up has in an environment of its own")
# Set-up's own; scripts/lib/common.sh makes them.
set(MHABENCH_VENV "${PROJECT_SOURCE_DIR}/build/venv")
if(MHABENCH_TORCH)
  set(MHABENCH_VENV "${PROJECT_SOURCE_DIR}/build/torch-${MHABENCH_TORCH}/venv")
endif()
set(MHABENCH_CUDA_VENV "${PROJECT_SOURCE_DIR}/build/cuda-venv")

mhabench_locate_torch(${MHABENCH_TORCH_LEAST} "${MHABENCH_VENV}" "${MHABENCH_TORCH}")
if(NOT MHABENCH_TORCH_DIR)
  if(MHABENCH_TORCH_REJECTED)
    set(seen " (seen: ${MHABENCH_TORCH_REJECTED})")
  endif()
  if(MHABENCH_TORCH)
    message(FATAL_ERROR "No LibTorch ${MHABENCH_TORCH} in ${MHABENCH_VENV}${seen}. "
                        "MHABENCH_TORCH=${MHABENCH_TORCH} scripts/setup fetches it.")
  endif()
  message(
    FATAL_ERROR
      "No LibTorch ${MHABENCH_TORCH_LEAST} or newer in Torch_DIR, CMAKE_PREFIX_PATH, python3 or build/venv${seen}. "
      "scripts/setup fetches one into build/venv.")
endif()
mhabench_prepare_torch("${MHABENCH_TORCH_DIR}" "${MHABENCH_VENV}"
                       "${MHABENCH_CUDA_VENV}")
if(MHABENCH_TORCH_PROBLEM)
  message(FATAL_ERROR "${MHABENCH_TORCH_PROBLEM}. scripts/setup fetches one into build/.")
endif()
set(Torch_DIR "${MHABENCH_TORCH_DIR}" CACHE PATH "Folder of TorchConfig.cmake" FORCE)
find_package(Torch ${MHABENCH_TORCH_LEAST} CONFIG REQUIRED)
mhabench_torch_is_found()

set(MHABENCH_PYTHON "${MHABENCH_TORCH_PYTHON}"
    CACHE FILEPATH "Python interpreter with the same torch, which a test compares with")

if(TARGET torch_cuda)
  set(MHABENCH_WITH_CUDA 1)
else()
  set(MHABENCH_WITH_CUDA 0)
endif()
message(STATUS "LibTorch ${Torch_VERSION} in ${MHABENCH_TORCH_PREFIX}")

# What the sources compile with and the installed package does not carry.
add_library(mhabench_options INTERFACE)
target_compile_definitions(mhabench_options INTERFACE MHABENCH_WITH_CUDA=${MHABENCH_WITH_CUDA})

# All alike, so that one precompiled header serves programs and the shared library.
target_compile_options(mhabench_options INTERFACE -fPIC)

# A package that goes elsewhere must not carry this machine's folders in its messages.
target_compile_options(
  mhabench_options
  INTERFACE "$<$<CONFIG:Release>:-ffile-prefix-map=${MHABENCH_TORCH_PREFIX}/include/=>"
            "$<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_BINARY_DIR}/include/=>"
            "$<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>")
