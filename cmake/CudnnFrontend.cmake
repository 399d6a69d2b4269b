# The headers of cudnn-frontend (PyPI's nvidia-cudnn-frontend has them) and those of the cuDNN that
# LibTorch brings. The library itself is loaded when a path first asks for it. Sets
# MHABENCH_WITH_CUDNN_FRONTEND to 1 or 0 and MHABENCH_CUDNN_FRONTEND_INCLUDES.

set(MHABENCH_CUDNN_FRONTEND_INCLUDE ""
    CACHE PATH "Folder of cudnn_frontend.h, looked into before LibTorch's and set-up's environment")

set(MHABENCH_WITH_CUDNN_FRONTEND 0)
set(MHABENCH_CUDNN_FRONTEND_INCLUDES "")
if(MHABENCH_WITH_CUDA)
  file(GLOB venv_includes "${MHABENCH_VENV}/lib/python3*/site-packages/include")
  # Looked for at each configuration: the hint may have changed since.
  unset(MHABENCH_CUDNN_FRONTEND_DIR CACHE)
  find_path(
    MHABENCH_CUDNN_FRONTEND_DIR cudnn_frontend.h
    HINTS "${MHABENCH_CUDNN_FRONTEND_INCLUDE}"
    PATHS "${MHABENCH_TORCH_PREFIX}/../include" ${venv_includes} "${MHABENCH_VENV}/include"
          /usr/local/include /usr/include
    NO_DEFAULT_PATH)
  find_path(
    MHABENCH_CUDNN_DIR cudnn.h
    PATHS "${MHABENCH_TORCH_PREFIX}/../nvidia/cudnn/include" /usr/include
          /usr/include/x86_64-linux-gnu "${CUDA_TOOLKIT_ROOT_DIR}/include"
    NO_DEFAULT_PATH)
  if(MHABENCH_CUDNN_FRONTEND_DIR AND MHABENCH_CUDNN_DIR)
    set(MHABENCH_WITH_CUDNN_FRONTEND 1)
    set(MHABENCH_CUDNN_FRONTEND_INCLUDES "${MHABENCH_CUDNN_FRONTEND_DIR}" "${MHABENCH_CUDNN_DIR}")
    message(STATUS "cudnn-frontend: headers in ${MHABENCH_CUDNN_FRONTEND_DIR}")
  else()
    message(STATUS "cudnn-frontend: no headers; packed_cudnn will be skipped")
  endif()
endif()
