# Set-up's question to the build: which LibTorch and which CUDA Toolkit would it take? Answers in
# lines of key=value.
#
#   cmake -D "root=<repository>" -D "venv=<environment>" -D "exact=<version, if any>" -P SetupQuery.cmake

cmake_minimum_required(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/LocateLibTorch.cmake")

mhabench_locate_torch(2.11 "${venv}" "${exact}")
set(answer
    "torch_dir=${MHABENCH_TORCH_DIR}"
    "torch_version=${MHABENCH_TORCH_VERSION}"
    "torch_origin=${MHABENCH_TORCH_ORIGIN}"
    "torch_prefix=${MHABENCH_TORCH_PREFIX}"
    "torch_python=${MHABENCH_TORCH_PYTHON}"
    "torch_cuda=${MHABENCH_TORCH_CUDA}"
    "torch_rejected=${MHABENCH_TORCH_REJECTED}")
if(MHABENCH_TORCH_CUDA)
  mhabench_locate_cuda("${MHABENCH_TORCH_CUDA}" "${MHABENCH_TORCH_PREFIX}" "${venv}"
                       "${root}/build/cuda-venv")
  list(APPEND answer "cuda_root=${MHABENCH_CUDA_ROOT}" "cuda_rejected=${MHABENCH_CUDA_REJECTED}")
endif()

list(JOIN answer "\n" answer)
execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${answer}")
