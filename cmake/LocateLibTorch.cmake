# Where LibTorch and the CUDA Toolkit that fits it lie. Shared by the build, by set-up (script mode,
# see SetupQuery.cmake) and by the installed package, so that all three come to the same answer.

include_guard(GLOBAL)

# Script mode has no policies of its own, and a project that finds the package may have old ones.
cmake_policy(VERSION 3.25)

# mhabench_describe_torch(<folder of TorchConfig.cmake>): sets
#   MHABENCH_TORCH_VERSION  e.g. 2.11.0, empty where it does not say
#   MHABENCH_TORCH_PREFIX   where its lib/ and include/ lie
#   MHABENCH_TORCH_CUDA     the CUDA it was built with, e.g. 13.0; empty for a CPU build, "any" where
#                           it does not say
function(mhabench_describe_torch dir)
  set(version "")
  if(EXISTS "${dir}/TorchConfigVersion.cmake")
    file(STRINGS "${dir}/TorchConfigVersion.cmake" line
         REGEX "set\\(PACKAGE_VERSION[ \t]+\"" LIMIT_COUNT 1)
    string(REGEX REPLACE ".*\"([^\"]*)\".*" "\\1" version "${line}")
  endif()
  get_filename_component(prefix "${dir}/../../.." ABSOLUTE)

  set(cuda "")
  if(EXISTS "${prefix}/lib/libtorch_cuda.so")
    set(cuda "any")
    if(EXISTS "${prefix}/version.py") # a wheel
      file(STRINGS "${prefix}/version.py" line REGEX "^cuda[: =].*'[0-9.]+'" LIMIT_COUNT 1)
      if(line MATCHES "'([0-9]+\\.[0-9]+)")
        set(cuda "${CMAKE_MATCH_1}")
      endif()
    elseif(EXISTS "${prefix}/build-version") # an archive: "2.11.0+cu130"
      file(STRINGS "${prefix}/build-version" line LIMIT_COUNT 1)
      if(line MATCHES "\\+cu([0-9]+)([0-9])$")
        set(cuda "${CMAKE_MATCH_1}.${CMAKE_MATCH_2}")
      endif()
    endif()
  endif()

  set(MHABENCH_TORCH_VERSION "${version}" PARENT_SCOPE)
  set(MHABENCH_TORCH_PREFIX "${prefix}" PARENT_SCOPE)
  set(MHABENCH_TORCH_CUDA "${cuda}" PARENT_SCOPE)
endfunction()

# mhabench_torch_under(<prefix>): sets MHABENCH_TORCH_DIR to the folder of TorchConfig.cmake that
# find_package would find under <prefix>, empty where there is none. What PyTorch tells people to use,
# torch.utils.cmake_prefix_path, is a prefix of the second form.
function(mhabench_torch_under prefix)
  set(dir "")
  foreach(suffix IN ITEMS share/cmake/Torch Torch lib/cmake/Torch lib64/cmake/Torch
                          lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/Torch)
    if(EXISTS "${prefix}/${suffix}/TorchConfig.cmake")
      set(dir "${prefix}/${suffix}")
      break()
    endif()
  endforeach()
  set(MHABENCH_TORCH_DIR "${dir}" PARENT_SCOPE)
endfunction()

# mhabench_torch_of_python(<interpreter>): the same for its torch. Importing torch would take
# seconds, and may fail for want of a driver, so the package is only looked up.
function(mhabench_torch_of_python python)
  execute_process(
    COMMAND
      "${python}" -c
      "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s and s.origin else '')"
    OUTPUT_VARIABLE prefix
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
    RESULT_VARIABLE failed)
  set(MHABENCH_TORCH_DIR "")
  if(NOT failed AND prefix)
    mhabench_torch_under("${prefix}")
  endif()
  set(MHABENCH_TORCH_DIR "${MHABENCH_TORCH_DIR}" PARENT_SCOPE)
endfunction()

# mhabench_locate_torch(<least version> <private virtual environment> [<exact version>])
#
# An exact version is taken from the private environment only. Otherwise the order is: Torch_DIR and
# the prefixes in CMAKE_PREFIX_PATH (variables, then environment), where the first torch decides, fit
# or not, since it was asked for; the `python3` on PATH, if its torch is new enough; the private
# environment, likewise (empty for none). Sets
#   MHABENCH_TORCH_DIR      folder of TorchConfig.cmake, empty where nothing fits
#   MHABENCH_TORCH_VERSION, MHABENCH_TORCH_PREFIX, MHABENCH_TORCH_CUDA  as mhabench_describe_torch
#   MHABENCH_TORCH_ORIGIN   Torch_DIR, CMAKE_PREFIX_PATH, python3 or private
#   MHABENCH_TORCH_PYTHON   an interpreter whose torch it is, empty where none is known
#   MHABENCH_TORCH_REJECTED what was seen on the way and does not fit, in words
function(mhabench_locate_torch least private)
  set(dir "")
  set(origin "")
  set(python "")
  set(rejected "")
  set(exact "${ARGV2}")

  set(candidates python3 private)
  if(exact)
    set(candidates private)
  elseif(Torch_DIR)
    set(dir "${Torch_DIR}")
    set(origin Torch_DIR)
  elseif(DEFINED ENV{Torch_DIR})
    set(dir "$ENV{Torch_DIR}")
    set(origin Torch_DIR)
  else()
    set(prefixes ${CMAKE_PREFIX_PATH})
    if(DEFINED ENV{CMAKE_PREFIX_PATH})
      string(REPLACE ":" ";" from_environment "$ENV{CMAKE_PREFIX_PATH}")
      list(APPEND prefixes ${from_environment})
    endif()
    foreach(prefix IN LISTS prefixes)
      mhabench_torch_under("${prefix}")
      if(MHABENCH_TORCH_DIR)
        set(dir "${MHABENCH_TORCH_DIR}")
        set(origin CMAKE_PREFIX_PATH)
        break()
      endif()
    endforeach()
  endif()

  if(dir)
    mhabench_describe_torch("${dir}")
    if(NOT MHABENCH_TORCH_VERSION)
      list(APPEND rejected "no LibTorch in ${dir} (${origin})")
      set(dir "")
    elseif(MHABENCH_TORCH_VERSION VERSION_LESS least)
      list(APPEND rejected "torch ${MHABENCH_TORCH_VERSION} in ${dir} (${origin})")
      set(dir "")
    endif()
  endif()

  # The shell's own order: PATH alone, first hit.
  find_program(
    MHABENCH_python3 python3 NO_CACHE NO_PACKAGE_ROOT_PATH NO_CMAKE_PATH NO_CMAKE_ENVIRONMENT_PATH
                             NO_CMAKE_SYSTEM_PATH NO_CMAKE_FIND_ROOT_PATH)
  foreach(candidate IN LISTS candidates)
    set(interpreter "${MHABENCH_python3}")
    if(candidate STREQUAL "private")
      set(interpreter "${private}/bin/python3")
    endif()
    if(python OR NOT EXISTS "${interpreter}")
      continue()
    endif()
    mhabench_torch_of_python("${interpreter}")
    if(NOT MHABENCH_TORCH_DIR)
      continue()
    endif()
    if(origin)
      # Decided already; this may be the same one.
      file(REAL_PATH "${MHABENCH_TORCH_DIR}" its_dir)
      file(REAL_PATH "${dir}" real_dir)
      if(its_dir STREQUAL real_dir)
        set(python "${interpreter}")
      endif()
      continue()
    endif()
    mhabench_describe_torch("${MHABENCH_TORCH_DIR}")
    if(MHABENCH_TORCH_VERSION VERSION_LESS least OR (exact AND NOT MHABENCH_TORCH_VERSION VERSION_EQUAL exact))
      list(APPEND rejected "torch ${MHABENCH_TORCH_VERSION} of ${interpreter}")
      continue()
    endif()
    set(dir "${MHABENCH_TORCH_DIR}")
    set(origin "${candidate}")
    set(python "${interpreter}")
  endforeach()

  list(JOIN rejected "; " rejected)
  set(MHABENCH_TORCH_DIR "${dir}" PARENT_SCOPE)
  set(MHABENCH_TORCH_ORIGIN "${origin}" PARENT_SCOPE)
  set(MHABENCH_TORCH_PYTHON "${python}" PARENT_SCOPE)
  set(MHABENCH_TORCH_REJECTED "${rejected}" PARENT_SCOPE)
  if(dir)
    mhabench_describe_torch("${dir}")
    set(MHABENCH_TORCH_VERSION "${MHABENCH_TORCH_VERSION}" PARENT_SCOPE)
    set(MHABENCH_TORCH_PREFIX "${MHABENCH_TORCH_PREFIX}" PARENT_SCOPE)
    set(MHABENCH_TORCH_CUDA "${MHABENCH_TORCH_CUDA}" PARENT_SCOPE)
  endif()
endfunction()

# mhabench_describe_nvcc(<nvcc>): sets NVCC_VERSION, e.g. 13.0, empty where it does not run, and
# NVCC_ROOT, the toolkit's folder as nvcc itself has it: what lies on PATH may be a wrapper.
function(mhabench_describe_nvcc nvcc)
  set(version "")
  set(root "")
  execute_process(
    COMMAND "${nvcc}" --version
    OUTPUT_VARIABLE text ERROR_QUIET
    RESULT_VARIABLE failed)
  if(NOT failed AND text MATCHES "release ([0-9]+\\.[0-9]+)")
    set(version "${CMAKE_MATCH_1}")
    # It names its folder before it finds that there is no such source.
    execute_process(
      COMMAND "${nvcc}" --dryrun mhabench_no_such_source.cu
      OUTPUT_VARIABLE text
      ERROR_VARIABLE text)
    if(text MATCHES "TOP=([^\r\n]+)")
      set(root "${CMAKE_MATCH_1}")
    else()
      get_filename_component(root "${nvcc}" DIRECTORY)
      get_filename_component(root "${root}" DIRECTORY)
    endif()
    # A link and the folder it leads to are one toolkit: the build is not to start anew for that.
    file(REAL_PATH "${root}" root)
  endif()
  set(NVCC_VERSION "${version}" PARENT_SCOPE)
  set(NVCC_ROOT "${root}" PARENT_SCOPE)
endfunction()

# mhabench_locate_cuda(<version> <prefix of torch> <private virtual environment>...)
#
# A CUDA Toolkit of <version>'s major version, since those fit one another ("any" takes the first): the
# one that CMake or the environment was told to use, on PATH, in the usual folders
# (MHABENCH_CUDA_PLACES names others), beside torch in its Python environment, or in a private
# environment. Sets
#   MHABENCH_CUDA_ROOT      its folder, empty where there is none
#   MHABENCH_CUDA_NVCC      its compiler
#   MHABENCH_CUDA_REJECTED  what was seen on the way and does not fit, in words
function(mhabench_locate_cuda version torch_prefix)
  set(compilers ${CMAKE_CUDA_COMPILER})
  if(DEFINED ENV{CUDACXX})
    find_program(MHABENCH_cudacxx "$ENV{CUDACXX}" NO_CACHE)
    list(APPEND compilers ${MHABENCH_cudacxx})
  endif()
  foreach(root IN ITEMS "${CUDA_TOOLKIT_ROOT_DIR}" "${CUDAToolkit_ROOT}" "$ENV{CUDAToolkit_ROOT}"
                        "$ENV{CUDA_HOME}" "$ENV{CUDA_PATH}")
    if(root)
      list(APPEND compilers "${root}/bin/nvcc")
    endif()
  endforeach()
  find_program(MHABENCH_nvcc nvcc NO_CACHE NO_PACKAGE_ROOT_PATH NO_CMAKE_PATH
                                  NO_CMAKE_ENVIRONMENT_PATH NO_CMAKE_SYSTEM_PATH)
  if(MHABENCH_nvcc)
    list(APPEND compilers "${MHABENCH_nvcc}")
  endif()
  if(NOT DEFINED MHABENCH_CUDA_PLACES)
    set(MHABENCH_CUDA_PLACES /usr/local/cuda "/usr/local/cuda-${version}")
  endif()
  list(TRANSFORM MHABENCH_CUDA_PLACES APPEND /bin/nvcc)
  list(APPEND compilers ${MHABENCH_CUDA_PLACES})
  string(REGEX REPLACE "\\..*" "" major "${version}")
  list(APPEND compilers "${torch_prefix}/../nvidia/cu${major}/bin/nvcc")
  foreach(private IN LISTS ARGN)
    file(GLOB private_nvcc "${private}/lib/python3*/site-packages/nvidia/cu${major}/bin/nvcc")
    list(APPEND compilers ${private_nvcc})
  endforeach()
  list(REMOVE_DUPLICATES compilers)

  set(root "")
  set(nvcc "")
  set(rejected "")
  foreach(candidate IN LISTS compilers)
    if(NOT EXISTS "${candidate}")
      continue()
    endif()
    mhabench_describe_nvcc("${candidate}")
    if(NOT NVCC_VERSION)
      list(APPEND rejected "${candidate} does not run")
      continue()
    endif()
    if(NOT version STREQUAL "any" AND NOT NVCC_VERSION MATCHES "^${major}\\.")
      list(APPEND rejected "${NVCC_VERSION} in ${NVCC_ROOT}")
      continue()
    endif()
    # A compiler alone, or one whose libraries were never completed, would fail much later.
    find_file(MHABENCH_cuda_header cuda_runtime_api.h NO_CACHE NO_DEFAULT_PATH
              PATHS "${NVCC_ROOT}/include" "${NVCC_ROOT}/targets/x86_64-linux/include")
    find_file(
      MHABENCH_cuda_runtime libcudart.so NO_CACHE NO_DEFAULT_PATH
      PATHS "${NVCC_ROOT}/lib64" "${NVCC_ROOT}/lib" "${NVCC_ROOT}/targets/x86_64-linux/lib"
            "${NVCC_ROOT}/lib/x86_64-linux-gnu")
    if(NOT MHABENCH_cuda_header OR NOT MHABENCH_cuda_runtime)
      list(APPEND rejected "${NVCC_VERSION} in ${NVCC_ROOT}, incomplete")
      unset(MHABENCH_cuda_header)
      unset(MHABENCH_cuda_runtime)
      continue()
    endif()
    set(root "${NVCC_ROOT}")
    set(nvcc "${candidate}")
    break()
  endforeach()

  list(REMOVE_DUPLICATES rejected)
  list(JOIN rejected "; " rejected)
  set(MHABENCH_CUDA_ROOT "${root}" PARENT_SCOPE)
  set(MHABENCH_CUDA_NVCC "${nvcc}" PARENT_SCOPE)
  set(MHABENCH_CUDA_REJECTED "${rejected}" PARENT_SCOPE)
endfunction()

# mhabench_prepare_torch(<folder of TorchConfig.cmake> <private virtual environment>...)
#
# What find_package(Torch) needs to be told beforehand; a macro, for it sets variables of the scope
# that calls find_package. Leaves a line in MHABENCH_TORCH_PROBLEM where it cannot work.
macro(mhabench_prepare_torch dir)
  set(MHABENCH_TORCH_PROBLEM "")
  # Left to itself it looks for a GPU to compile for, and fails where there is none. There is no
  # device code here.
  if(NOT DEFINED TORCH_CUDA_ARCH_LIST AND NOT DEFINED ENV{TORCH_CUDA_ARCH_LIST})
    set(TORCH_CUDA_ARCH_LIST "9.0")
  endif()

  mhabench_describe_torch("${dir}")
  if(MHABENCH_TORCH_CUDA)
    mhabench_locate_cuda("${MHABENCH_TORCH_CUDA}" "${MHABENCH_TORCH_PREFIX}" ${ARGN})
    if(MHABENCH_CUDA_ROOT)
      if(NOT CMAKE_CUDA_COMPILER)
        set(ENV{CUDACXX} "${MHABENCH_CUDA_NVCC}")
      endif()
      if(NOT CUDA_TOOLKIT_ROOT_DIR)
        set(CUDA_TOOLKIT_ROOT_DIR "${MHABENCH_CUDA_ROOT}" CACHE PATH "CUDA Toolkit" FORCE)
      endif()
    else()
      set(MHABENCH_TORCH_PROBLEM
          "LibTorch ${MHABENCH_TORCH_VERSION} in ${MHABENCH_TORCH_PREFIX} was built with CUDA ${MHABENCH_TORCH_CUDA}, and there is no CUDA Toolkit of that major version on PATH, in CUDACXX, CUDA_HOME, /usr/local or beside it"
      )
      if(MHABENCH_CUDA_REJECTED)
        string(APPEND MHABENCH_TORCH_PROBLEM " (seen: ${MHABENCH_CUDA_REJECTED})")
      endif()
    endif()
  endif()
  if(NOT MHABENCH_TORCH_PROBLEM)
    # LibTorch's package file looks for its own parts by name, along CMAKE_PREFIX_PATH first, where
    # another LibTorch may lie.
    list(PREPEND CMAKE_PREFIX_PATH "${MHABENCH_TORCH_PREFIX}")
  endif()
endmacro()

# mhabench_torch_is_found(): ends what mhabench_prepare_torch began, behind find_package(Torch).
macro(mhabench_torch_is_found)
  list(POP_FRONT CMAKE_PREFIX_PATH)
  # A wheel comes with the libraries that it was built with. The toolkit's folder may hold older ones of
  # the same names, which must be neither linked nor loaded in their place.
  file(REAL_PATH "${MHABENCH_TORCH_PREFIX}/.." MHABENCH_TORCH_LIBRARIES)
  file(GLOB MHABENCH_TORCH_LIBRARIES "${MHABENCH_TORCH_LIBRARIES}/nvidia/*/lib")
  list(TRANSFORM MHABENCH_TORCH_LIBRARIES PREPEND "LINKER:-rpath,")
  set_property(TARGET torch APPEND PROPERTY INTERFACE_LINK_OPTIONS ${MHABENCH_TORCH_LIBRARIES})
endmacro()
