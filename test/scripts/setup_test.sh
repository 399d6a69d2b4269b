#!/usr/bin/env bash
# Set-up without a network, root or a toolkit: commands on PATH are stand-ins that say what they were
# asked. One case a call:
#
#   setup_test.sh <repository> <cmake> <case>
#
# shellcheck disable=SC2016  # what is quoted runs in another shell
set -euo pipefail

repository=$1
cmake=$2
name=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A path with a space in it, in every case.
copy="$work/a copy"
bin="$work/bin"
mkdir -p "$copy/scripts" "$bin"
cp -r "$repository/scripts/lib" "$copy/scripts/"
cp -r "$repository/cmake" "$copy/"
# Of the machine's own commands these are at hand, and no compiler, ninja or Python.
mkdir "$work/tools"
for tool in awk basename bash cat chmod cmp cp cut date df dirname env flock grep head id kill ln ls mkdir \
  mv nproc readlink rm sed sh sleep sort tail touch tr uname wc; do
  ln -s "$(command -v "$tool")" "$work/tools/$tool"
done

fail() {
  echo "$*" >&2
  exit 1
}

contains() { [[ $1 == *"$2"* ]] || fail "expected '$2' in: $1"; }

lacks() { [[ $1 != *"$2"* ]] || fail "did not expect '$2' in: $1"; }

# stand_in <path>: an executable with the script on stdin.
stand_in() {
  mkdir -p "$(dirname "$1")"
  { echo '#!/bin/bash'; cat; } >"$1"
  chmod +x "$1"
}

# torch <prefix> <version>: what is looked at of a LibTorch built without CUDA.
torch() {
  mkdir -p "$1/share/cmake/Torch"
  touch "$1/share/cmake/Torch/TorchConfig.cmake"
  echo "set(PACKAGE_VERSION \"$2\")" >"$1/share/cmake/Torch/TorchConfigVersion.cmake"
}

# python <path> [prefix of its torch]
python() {
  stand_in "$1" <<<"echo '${2:-}'"
}

# toolkit <folder> <version>
toolkit() {
  mkdir -p "$1/include" "$1/lib64"
  touch "$1/include/cuda_runtime_api.h" "$1/lib64/libcudart.so"
  stand_in "$1/bin/nvcc" <<END
[[ \$1 != --version ]] || echo 'Cuda compilation tools, release $2, V$2.88'
[[ \$1 != --dryrun ]] || echo '#\$ TOP=$1/bin/..' >&2
END
}

# set_up_with <shell commands>: in a shell that has sourced the scripts' functions; its stderr is in
# $said and its status in $status. Nothing may go to stdout.
set_up_with() {
  status=0
  said=$(env -i HOME="$work" PATH="$bin:$work/tools" ${prefix_path:+CMAKE_PREFIX_PATH="$prefix_path"} \
    ${torch_dir:+Torch_DIR="$torch_dir"} ${cuda_home:+CUDA_HOME="$cuda_home"} \
    ${exact:+MHABENCH_TORCH="$exact"} \
    bash -c "set -euo pipefail; source \"\$1/scripts/lib/common.sh\"; mkdir -p \"\$builds\"; $1" \
    bash "$copy" 2>&1 >"$work/stdout") || status=$?
  [[ ! -s $work/stdout ]] || fail "stdout has: $(<"$work/stdout")"
}

# What the build would take, as key=value lines.
query() {
  set_up_with 'query; printf "%s\n" "$answer" >&2'
  ((status == 0)) || fail "the query failed: $said"
}

# The real one, which looks for toolkits in no usual place.
stand_in "$bin/cmake" <<<"exec '$cmake' -D 'MHABENCH_CUDA_PLACES=$work/usual' \"\$@\""
stand_in "$bin/nvcc" <<<'exit 1'
stand_in "$bin/c++" <<<'exit 1'
stand_in "$bin/ninja" <<<'exit 1'

case_torch_is_looked_for_in_order() {
  torch "$work/asked for" 2.11.0
  torch "$work/prefix" 2.12.0
  torch "$work/python" 2.11.1
  torch "$work/private" 2.11.0
  python "$copy/build/venv/bin/python3" "$work/private"
  python "$bin/python3" "$work/python"

  torch_dir="$work/asked for/share/cmake/Torch" prefix_path="$work/none:$work/prefix"
  query
  contains "$said" "torch_dir=$work/asked for/share/cmake/Torch"
  contains "$said" "torch_origin=Torch_DIR"
  torch_dir=
  query
  contains "$said" "torch_dir=$work/prefix/share/cmake/Torch"
  contains "$said" "torch_origin=CMAKE_PREFIX_PATH"
  # As torch.utils.cmake_prefix_path has it; and it is known whose it is.
  prefix_path="$work/python/share/cmake"
  query
  contains "$said" "torch_origin=CMAKE_PREFIX_PATH"
  contains "$said" "torch_dir=$work/python/share/cmake/Torch"
  contains "$said" "torch_python=$bin/python3"
  prefix_path="$work/none"
  query
  contains "$said" "torch_origin=python3"
  contains "$said" "torch_version=2.11.1"
  contains "$said" "torch_python=$bin/python3"
  python "$bin/python3"
  query
  contains "$said" "torch_origin=private"
  contains "$said" "torch_python=$copy/build/venv/bin/python3"
}

case_an_old_torch_of_python3_is_passed_over() {
  torch "$work/old" 2.10.2
  torch "$work/private" 2.11.0
  python "$bin/python3" "$work/old"
  python "$copy/build/venv/bin/python3" "$work/private"
  query
  contains "$said" "torch_origin=private"
  contains "$said" "torch_rejected=torch 2.10.2 of $bin/python3"
}

case_an_old_torch_that_was_asked_for_is_refused() {
  torch "$work/old" 2.10.2
  torch "$work/python" 2.11.0
  python "$bin/python3" "$work/python"
  prefix_path="$work/old"
  set_up_with set_up_torch
  ((status == 2)) || fail "status $status: $said"
  contains "$said" "torch 2.10.2 in $work/old/share/cmake/Torch (CMAKE_PREFIX_PATH), and LibTorch 2.11.0 or newer is needed"
  prefix_path='' torch_dir="$work/nothing"
  set_up_with set_up_torch
  ((status == 2)) || fail "status $status: $said"
  contains "$said" "no LibTorch in $work/nothing (Torch_DIR)"
}

case_a_named_torch_wins_over_all_others() {
  torch "$work/other" 2.11.0
  torch "$work/named" 2.13.0
  python "$bin/python3" "$work/other"
  python "$copy/build/venv/bin/python3" "$work/other"
  python "$copy/build/torch-2.13.0/venv/bin/python3" "$work/named"
  prefix_path="$work/other" torch_dir="$work/other/share/cmake/Torch" exact=2.13.0
  query
  contains "$said" "torch_dir=$work/named/share/cmake/Torch"
  contains "$said" "torch_version=2.13.0"
  # No other version in its place.
  torch "$work/named" 2.13.1
  query
  contains "$said" "torch_dir="$'\n'
  contains "$said" "torch_rejected=torch 2.13.1 of $copy/build/torch-2.13.0/venv/bin/python3"
}

# Torch's package file looks for its libraries by name, along CMAKE_PREFIX_PATH first.
case_a_named_torch_is_linked_whole() {
  local name
  for name in other named; do
    torch "$work/$name" 2.13.0
    mkdir "$work/$name/lib"
    touch "$work/$name/lib/libtorch.so"
    echo 'set(PACKAGE_VERSION_COMPATIBLE TRUE)' >>"$work/$name/share/cmake/Torch/TorchConfigVersion.cmake"
    cat >"$work/$name/share/cmake/Torch/TorchConfig.cmake" <<'END'
find_library(TORCH_LIBRARY torch PATHS "${CMAKE_CURRENT_LIST_DIR}/../../../lib")
add_library(torch INTERFACE IMPORTED)
END
  done
  mkdir -p "$work/nvidia/nccl/lib"
  python "$copy/build/torch-2.13.0/venv/bin/python3" "$work/named"
  cat >"$copy/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(linked LANGUAGES NONE)
list(PREPEND CMAKE_MODULE_PATH "${PROJECT_SOURCE_DIR}/cmake")
include(LibTorch)
get_target_property(options torch INTERFACE_LINK_OPTIONS)
message(NOTICE "links ${TORCH_LIBRARY} with ${options}; prefixes: '${CMAKE_PREFIX_PATH}'")
END
  said=$(MHABENCH_TORCH=2.13.0 CMAKE_PREFIX_PATH="$work/other" "$cmake" -G Ninja -S "$copy" \
    -B "$work/build" 2>&1) ||
    fail "$said"
  contains "$said" "links $work/named/lib/libtorch.so with LINKER:-rpath,$work/nvidia/nccl/lib; prefixes: ''"
}

case_a_named_torch_has_its_own_environment() {
  python_that_makes_environments true
  torch "$work/installed" 2.13.0
  exact=2.13.0
  set_up_with set_up_torch
  ((status == 0)) || fail "status $status: $said"
  contains "$said" "fetching 2.13.0 into build/torch-2.13.0/venv"
  contains "$(<"$work/pip")" "torch==2.13.0"
  [[ -e $copy/build/torch-2.13.0/venv/.complete && ! -e $copy/build/venv ]] || fail "not there"
}

case_a_version_that_cannot_be_is_refused() {
  for exact in 2.10.2 2.13 latest 2.13.0.1; do
    set_up_with true
    ((status == 2)) || fail "status $status for $exact: $said"
    contains "$said" "MHABENCH_TORCH=$exact"
    contains "$said" "2.11.0 or newer"
    (($(wc -l <<<"$said") == 1)) || fail "more than one line: $said"
  done
}

# A wheel for CUDA 13.0.
cuda_torch() {
  torch "$work/torch" 2.11.0
  mkdir -p "$work/torch/lib"
  touch "$work/torch/lib/libtorch_cuda.so"
  echo "cuda: Optional[str] = '13.0'" >"$work/torch/version.py"
  python "$bin/python3" "$work/torch"
}

case_the_toolkit_is_the_one_of_torch() {
  cuda_torch
  toolkit "$work/other" 12.8
  toolkit "$work/fit" 13.0
  cuda_home="$work/other"
  # nvcc on PATH may be a wrapper from elsewhere.
  stand_in "$bin/nvcc" <<<"exec '$work/fit/bin/nvcc' \"\$@\""
  query
  contains "$said" "torch_cuda=13.0"
  contains "$said" "cuda_root=$work/fit"
  contains "$said" "cuda_rejected=12.8 in $work/other"
}

case_the_toolkit_beside_torch_is_found() {
  cuda_torch
  toolkit "$work/nvidia/cu13" 13.0
  query
  contains "$said" "cuda_root=$work/nvidia/cu13"
  # A machine's own, in its usual place, goes first.
  toolkit "$work/usual" 13.0
  query
  contains "$said" "cuda_root=$work/usual"
}

case_toolkits_of_one_major_version_fit() {
  cuda_torch
  echo "cuda: Optional[str] = '13.2'" >"$work/torch/version.py"
  toolkit "$work/usual" 13.0
  query
  contains "$said" "torch_cuda=13.2"
  contains "$said" "cuda_root=$work/usual"
  toolkit "$work/usual" 14.0
  query
  contains "$said" "14.0 in $work/usual"
  contains "$said" "cuda_root="$'\n'
}

case_a_link_to_the_toolkit_is_the_toolkit() {
  local direct
  cuda_torch
  toolkit "$work/cuda-13.0" 13.0
  ln -s cuda-13.0 "$work/cuda"
  toolkit_by_link() { sed -i "s|TOP=.*/bin/..'|TOP=$1/bin/..'|" "$work/cuda-13.0/bin/nvcc"; }
  cuda_home="$work/cuda-13.0"
  query
  direct=$said
  cuda_home="$work/cuda" && toolkit_by_link "$work/cuda"
  query
  [[ $said == "$direct" ]] || fail "the link is another toolkit: $said"
}

case_an_incomplete_toolkit_is_passed_over() {
  cuda_torch
  toolkit "$work/half" 13.0
  rm "$work/half/lib64/libcudart.so"
  cuda_home="$work/half"
  query
  contains "$said" "13.0 in $work/half, incomplete"
  lacks "$said" "cuda_root=$work/half"
}

case_wheels_of_a_toolkit_are_completed() {
  mkdir -p "$work/cu13/lib"
  touch "$work/cu13/lib/libcudart.so.13" "$work/cu13/lib/libnvrtc.so.13"
  set_up_with "complete_toolkit '$work/cu13'; complete_toolkit '$work/cu13'"
  ((status == 0)) || fail "$said"
  [[ $(readlink "$work/cu13/lib64/libcudart.so") == libcudart.so.13 ]] || fail "no libcudart.so"
  [[ -e $work/cu13/lib/libnvrtc.so ]] || fail "no libnvrtc.so"
}

case_without_root_the_line_to_run_is_said_once() {
  stand_in "$bin/id" <<<'echo 1000'
  stand_in "$bin/sudo" <<<'exit 1'
  stand_in "$bin/apt-get" <<<"echo called >>'$work/apt'"
  python "$bin/python3"
  set_up_with 'has_header() { [[ $1 != CLI/* && $1 != gtest/* ]]; }; has_library() { true; }
    set_up_packages tests'
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "sudo apt-get update && sudo apt-get install -y --no-install-recommends libgtest-dev libcli11-dev"
  (($(wc -l <<<"$said") == 1)) || fail "more than one line: $said"
  [[ ! -e $work/apt ]] || fail "apt-get was called"
}

case_the_program_alone_needs_no_googletest() {
  python "$bin/python3"
  set_up_with 'has_header() { [[ $1 != gtest/* ]]; }; has_library() { true; }
    set_up_packages program'
  ((status == 0)) || fail "status $status: $said"
}

case_nothing_missing_asks_nothing() {
  stand_in "$bin/apt-get" <<<"echo called >>'$work/apt'"
  python "$bin/python3"
  set_up_with 'has_header() { true; }; has_library() { true; }; set_up_packages tests'
  ((status == 0)) || fail "status $status: $said"
  [[ -z $said && ! -e $work/apt ]] || fail "said '$said'"
}

# Stand-ins for a root that may install; the lists know what "known" names.
apt_for_root() {
  stand_in "$bin/id" <<<'echo 0'
  stand_in "$bin/apt-get" <<<"echo \"\$*\" >>'$work/apt'; echo noise"
  stand_in "$bin/apt-cache" <<<"$1"
  python "$bin/python3"
}

case_root_installs_from_the_lists_at_hand() {
  apt_for_root true
  set_up_with 'has_header() { [[ $1 != CLI/* ]]; }; has_library() { true; }; set_up_packages tests'
  ((status == 0)) || fail "status $status: $said"
  contains "$said" "set-up: installing packages: libcli11-dev"
  contains "$(<"$work/apt")" "install -y --no-install-recommends libcli11-dev"
  lacks "$(<"$work/apt")" update
}

case_root_updates_lists_that_do_not_know_a_package() {
  apt_for_root false
  set_up_with 'has_header() { [[ $1 != CLI/* ]]; }; has_library() { true; }; set_up_packages tests'
  ((status == 0)) || fail "status $status: $said"
  contains "$(head -n 1 "$work/apt")" update
  contains "$(tail -n 1 "$work/apt")" "libcli11-dev"
}

# A python3 that makes environments, whose pip installs a LibTorch, or fails.
python_that_makes_environments() {
  cat >"$work/venv-python" <<END
#!/bin/bash
case "\$*" in
  *find_spec*) echo "$work/installed" ;;
  "-m pip install"*) echo "\$*" >>'$work/pip'; $1 ;;
esac
END
  chmod +x "$work/venv-python"
  torch "$work/installed" 2.11.0
  stand_in "$bin/python3" <<END
case "\$*" in
  *find_spec*) echo ;;
  "-m venv "*) mkdir -p "\$3/bin"
    cp '$work/venv-python' "\$3/bin/python"; cp '$work/venv-python' "\$3/bin/python3" ;;
esac
END
}

case_an_interrupted_environment_is_made_anew() {
  python_that_makes_environments true
  mkdir -p "$copy/build/venv/bin" "$copy/build/venv/left over"
  cp "$work/venv-python" "$copy/build/venv/bin/python3"
  set_up_with set_up_torch
  ((status == 0)) || fail "status $status: $said"
  contains "$said" "build/venv is incomplete: making it anew"
  contains "$(<"$work/pip")" "torch==2.11.0"
  [[ ! -e "$copy/build/venv/left over" && -e $copy/build/venv/.complete ]] || fail "not made anew"

  # And once it is whole, no more.
  rm "$work/pip"
  set_up_with set_up_torch
  [[ $status == 0 && -z $said && ! -e $work/pip ]] || fail "made again: $said"
}

case_a_failed_fetch_says_which_step_and_what_to_do() {
  python_that_makes_environments 'exit 1'
  set_up_with set_up_torch
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "set-up: fetching LibTorch 2.11.0 failed"
  contains "$said" "CMAKE_PREFIX_PATH"
  [[ ! -e $copy/build/venv/.complete ]] || fail "marked as complete"
}

case_a_python_that_the_wheel_does_not_fit_is_named() {
  stand_in "$bin/python3" <<<'[[ $1 != --version ]] || echo "Python 3.9.2"; [[ $1 != -c ]]'
  set_up_with 'venv_python() { return 1; }; make_venv "$root/build/venv" 1 LibTorch torch'
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "needs Python 3.10 to 3.14, and python3 is Python 3.9.2"
}

case_a_full_disk_is_said_before_the_fetch() {
  python_that_makes_environments true
  set_up_with 'make_venv "$root/build/venv" 999999 LibTorch torch'
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "LibTorch takes 999999 GB"
}

case_the_first_time_says_what_it_costs() {
  stand_in "$bin/python3" <<<'exit 1'
  set_up_with 'free_gb() { echo 50; }; job_count() { echo 4; }; announce release 20'
  ((status == 0)) || fail "status $status: $said"
  contains "$said" "takes some 9 minutes, fetches 3 GB (LibTorch 2.11.0"
  contains "$said" "$copy/build (50 GB are free there)"
  set_up_with 'free_gb() { echo 3; }; announce release 20'
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "takes 9 GB under $copy/build, where 3 GB are free"
  mkdir -p "$copy/build/release"
  touch "$copy/build/release/build.ninja"
  set_up_with 'announce release 20'
  [[ $status == 0 && -z $said ]] || fail "said again: $said"
}

# ends <process group>: within some seconds.
ends() {
  for _ in {1..50}; do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

# A build is configured anew for another LibTorch, not for another way to name the same one.
case_a_build_is_configured_once() {
  torch "$work/prefix" 2.11.0
  ln -s prefix "$work/link"
  stand_in "$bin/cmake" <<END
if [[ "\$*" == *--preset* ]]; then echo configured >>'$work/configured'; touch "$copy/build/release/build.ninja"; exit; fi
exec '$cmake' "\$@"
END
  python "$bin/python3"
  mkdir -p "$copy/build/release"
  for prefix_path in "$work/prefix" "$work/none:$work/link" "$work/link"; do
    set_up_with 'set_up_torch; configure release'
    ((status == 0)) || fail "status $status: $said"
    (($(wc -l <"$work/configured") == 1)) || fail "configured again for $prefix_path"
  done
  torch "$work/prefix" 2.11.1
  set_up_with 'set_up_torch; configure release'
  (($(wc -l <"$work/configured") == 2)) || fail "not configured for another version: $said"
}

# Whatever a script has begun ends with it, and the lock is free.
case_a_killed_script_leaves_nothing_behind() {
  local script
  mkdir -p "$copy/build"
  # start <shell commands>: in a session of its own, until it says that it has begun.
  start() {
    rm -f "$work/err"
    setsid env PATH="$bin:$work/tools" bash -c "set -euo pipefail; source '$copy/scripts/lib/common.sh'; $1" \
      2>"$work/err" &
    script=$!
    until [[ -s $work/err ]]; do sleep 0.1; done
  }
  exec 8>"$copy/build/.lock"
  flock 8
  start lock
  kill "$script"
  wait "$script" || status=$?
  ((status == 143)) || fail "status $status"
  ends "$script" || fail "waiting goes on"
  exec 8>&-

  start 'lock; step work advice bash -c "echo \$\$ >&2; sleep 600; true"'
  kill "$script"
  wait "$script" || true
  ends "$(<"$work/err")" || fail "the step goes on"
  flock -n "$copy/build/.lock" true || fail "the lock is held"
}

case_an_old_cmake_is_named() {
  stand_in "$bin/cmake" <<<'echo "cmake version 3.22.1"'
  set_up_with check_versions
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "$bin/cmake is 3.22.1 and 3.25 is needed"
}

case_a_cmake_that_does_not_run_is_named() {
  stand_in "$bin/cmake" <<<'exit 127'
  set_up_with check_versions
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "$bin/cmake does not run"
}

case_optional_tools_are_tried_once() {
  stand_in "$bin/id" <<<'echo 0'
  stand_in "$bin/apt-get" <<<"echo called >>'$work/apt'; exit 1"
  stand_in "$bin/apt-cache" <<<true
  set_up_with 'has_compare_py() { false; }; torch_python= torch_origin=python3; set_up_optional'
  ((status == 0)) || fail "status $status: $said"
  contains "$said" "will be skipped"
  rm "$work/apt"
  set_up_with 'has_compare_py() { false; }; torch_python= torch_origin=python3; set_up_optional'
  [[ -z $said && ! -e $work/apt ]] || fail "tried again: $said"
}

# A python3 that is new enough, whose environments have a pip that does as told.
python_for_the_tools() {
  cat >"$work/venv-python" <<END
#!/bin/bash
case "\$*" in
  "-m pip install"*) echo "\$*" >>'$work/pip'; $1 ;;
  *tomllib*) exec '$(command -v python3)' "\$@" ;;
esac
END
  chmod +x "$work/venv-python"
  stand_in "$bin/python3" <<END
case "\$*" in
  *"import absent"*) exit 1 ;;
  *version_info*) exit 0 ;;
  *tomllib*) exec '$(command -v python3)' "\$@" ;;
  "-m venv "*) mkdir -p "\$3/bin"; cp '$work/venv-python' "\$3/bin/python" ;;
esac
END
  declare_packages plotly==1.2.3
}

# declare_packages <requirement>: as the scripts' pyproject.toml does.
declare_packages() {
  mkdir -p "$copy/scripts"
  cat >"$copy/scripts/pyproject.toml" <<END
[project]
dependencies = ["$1"]
optional-dependencies = { test = ["pytest==4.5"] }
END
}

case_the_tools_are_set_up_once() {
  python_for_the_tools true
  set_up_with 'set_up_tools "import absent"; echo "$tools_python" >&2'
  ((status == 0)) || fail "status $status: $said"
  contains "$said" "set-up: fetching plotly==1.2.3 pytest==4.5 "
  contains "$said" "$copy/build/tools-venv/bin/python"
  contains "$(<"$work/pip")" "plotly==1.2.3 pytest==4.5"

  rm "$work/pip"
  set_up_with 'set_up_tools "import absent"'
  [[ $status == 0 && -z $said && ! -e $work/pip ]] || fail "made again: $said"

  # What is asked for has changed.
  declare_packages plotly==1.2.4
  set_up_with 'set_up_tools "import absent"'
  [[ $status == 0 && -e $work/pip ]] || fail "not made anew: $said"
}

# A lock that another script held, which fetched what this one lacks.
case_two_at_once_fetch_the_tools_once() {
  python_for_the_tools true
  set_up_with 'lock() { (fetch_tools) && touch "$tools_venv/in use"; }
    set_up_tools "import absent"
    [[ $tools_python == "$tools_venv/bin/python" && -e $tools_venv/in\ use ]]'
  ((status == 0)) || fail "status $status: $said"
  (($(wc -l <"$work/pip") == 1)) || fail "fetched again: $said"
}

case_the_tools_without_network_say_so_in_one_line() {
  python_for_the_tools 'for i in 1 2 3; do echo "WARNING: Retrying"; done; exit 1'
  set_up_with 'set_up_tools "import absent"'
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "packages failed (no network? see build/tools-venv.log)"
  lacks "$said" Retrying
  (($(wc -l <<<"$said") == 2)) || fail "more than what is done and one line: $said"

  # Tests go on without, and ask once.
  rm "$work/pip"
  set_up_with 'find_tools() { false; }; set_up_tools_optional; set_up_tools_optional'
  ((status == 0)) || fail "status $status: $said"
  contains "$said" "tests of the scripts will be skipped"
  (($(wc -l <"$work/pip") == 1)) || fail "asked again"
}

case_the_tools_take_what_is_there() {
  python_for_the_tools true
  stand_in "$bin/python3" <<<'exit 0'
  set_up_with 'set_up_tools "import there"; echo "$tools_python" >&2'
  [[ $status == 0 && $said == "$bin/python3" && ! -e $work/pip ]] || fail "$status: $said"
}

# run_script <script> <argument...>: as a user calls it, and $said and $status as above. Whoever sets
# something up says so.
run_script() {
  local script=$1
  shift
  cp -r "$repository/scripts" "$copy/"
  for tool in cmake apt-get curl; do
    stand_in "$bin/$tool" <<<"echo called >>'$work/set-up'; exit 1"
  done
  ln -sf "$(command -v python3)" "$bin/python3"
  status=0
  said=$(env -i HOME="$work" PATH="$bin:$work/tools" ${exact:+MHABENCH_TORCH="$exact"} \
    "$copy/scripts/$script" "$@" 2>&1) || status=$?
}

case_help_is_answered_at_once() {
  for flag in --help --version; do
    run_script run "$flag"
    ((status == 2)) || fail "status $status: $said"
    contains "$said" "scripts/run --list builds it"
  done
  run_script test --help
  [[ $status == 0 ]] || fail "status $status: $said"
  contains "$said" "scripts/test -R Lengths"
  [[ ! -e $work/set-up && ! -e $copy/build ]] || fail "set-up began"
  stand_in "$copy/build/release/bin/mha_bench" <<<'echo "mha_bench $*"'
  run_script run --heads=8 --help
  [[ $status == 0 && $said == "mha_bench --heads=8 --help" ]] || fail "status $status: $said"
  # Each LibTorch has its own.
  exact=2.15.0
  run_script run --help
  ((status == 2)) || fail "status $status: $said"
  [[ ! -e $work/set-up ]] || fail "set-up began"
}

case_a_check_without_its_linters_fails() {
  cp -r "$repository/.ci" "$repository/scripts" "$copy/"
  stand_in "$bin/id" <<<'echo 1000'
  stand_in "$bin/sudo" <<<'exit 1'
  stand_in "$bin/apt-get" <<<"echo called >>'$work/apt'"
  stand_in "$copy/scripts/test" <<<'echo "tests run"'
  status=0
  said=$(env -i HOME="$work" PATH="$bin:$work/tools" "$copy/.ci/run" 2>&1) || status=$?
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "apt-get install -y --no-install-recommends shellcheck"
  lacks "$said" "tests run"
}

case_tests_are_counted() {
  cat >"$work/tests.xml" <<'END'
<testsuite tests="8">
 <testcase name="a" status="run"><system-out></system-out></testcase>
 <testcase name="b" status="run"><system-out></system-out></testcase>
 <testcase name="c" status="fail"><failure message=""/><system-out>why</system-out></testcase>
 <testcase name="d" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
  <system-out>a_test.cpp:7: Skipped
no GPU is seen

[  SKIPPED ] d</system-out></testcase>
 <testcase name="e" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>
  <system-out>skipped: no Python 3.11</system-out></testcase>
 <testcase name="g" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
  <system-out>s
SKIPPED [1] test/a_test.py:29: no Chromium here
SKIPPED [1] test/a_test.py:31: no Chromium here
2 skipped in 0.01s</system-out></testcase>
 <testcase name="h" status="run"><system-out>.s.
SKIPPED [1] test/b_test.py:7: no torch
7 passed, 1 skipped, 2 deselected, 45 subtests passed in 3.20s</system-out></testcase>
 <testcase name="f" status="notrun"><skipped message="Unable to find executable"/></testcase>
 <testcase name="Suite" status="fail"><failure message=""/><system-out>
[       OK ] Suite.a (0 ms)
a_test.cpp:9: Skipped
no GPU is seen

[  SKIPPED ] Suite.b (0 ms)
[  FAILED  ] Suite.c (12 ms)
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Suite.b</system-out></testcase>
 <testcase name="Died" status="fail"><failure message=""/><system-out>
[       OK ] Died.a (0 ms)
[ RUN      ] Died.b</system-out></testcase>
</testsuite>
END
  status=0
  said=$(python3 "$repository/scripts/lib/count_tests.py" "$work/tests.xml" 8) || status=$?
  ((status == 1)) || fail "status $status: $said"
  contains "$said" "skipped 2: no GPU is seen"$'\n'
  contains "$said" "skipped 1: no Python 3.11"$'\n'
  contains "$said" "skipped 2: no Chromium here"$'\n'
  contains "$said" "skipped 1: no torch"$'\n'
  contains "$said" "Tests: 11 passed, 4 failed, 6 skipped"
  echo '<testsuite tests="0"/>' >"$work/tests.xml"
  status=0
  python3 "$repository/scripts/lib/count_tests.py" "$work/tests.xml" 8 || status=$?
  ((status == 3)) || fail "status $status where none matched"
  # CTest writes no file if it only lists tests.
  python3 "$repository/scripts/lib/count_tests.py" "$work/absent.xml" 0 || fail "a list is a fault"
  status=0
  python3 "$repository/scripts/lib/count_tests.py" "$work/absent.xml" 8 || status=$?
  ((status == 5)) || fail "status $status where CTest failed without a file"
}

case_arguments_are_read_before_set_up() {
  for script in advise report; do
    run_script "$script"
    ((status == 2)) || fail "status $status: $said"
    contains "$said" "usage: scripts/$script"
    contains "$said" "are required"
    run_script "$script" --help
    ((status == 0)) || fail "status $status: $said"
    contains "$said" "usage: scripts/$script"
    run_script "$script" --no_such_flag
    ((status == 2)) || fail "status $status: $said"
  done
  run_script advise --lengths_file "$work/none" --embed_dim 8 --heads 2
  ((status == 2)) || fail "status $status: $said"
  contains "$said" "$work/none"
  [[ ! -e $work/set-up && ! -e $copy/build ]] || fail "set-up began"
}

# Called by a link in another folder, and by a path that CDPATH would lead elsewhere.
case_scripts_find_their_repository() {
  local script
  cp -r "$repository/scripts" "$copy/"
  for script in advise collect regress report run setup test; do
    mkdir -p "$work/$script/scripts/lib"
    ln -s "$copy/scripts/$script" "$work/link"
    # What comes after the first lines is not for this test.
    sed -i '/^source /a printf "%s\\n" "$root"; exit' "$copy/scripts/$script"
    [[ $("$work/link") == "$copy" ]] || fail "$script by a link: $("$work/link")"
    [[ $(cd "$copy" && CDPATH="$work/$script:$copy" bash "scripts/$script") == "$copy" ]] ||
      fail "$script with CDPATH: $(cd "$copy" && CDPATH="$work/$script:$copy" bash "scripts/$script")"
    rm "$work/link"
  done
}

# submit <argument...>: with a Slurm that takes every job, on a login node without a GPU.
submit() {
  cp -r "$repository/scripts" "$copy/"
  stand_in "$bin/sbatch" <<<"printf '%s\n' \"\$@\" >>'$work/jobs'; echo 17"
  stand_in "$work/programs/mha_merge" <<<true
  stand_in "$work/programs/mha_bench" <<'END'
[[ $* == *--list* ]] || exit 1
[[ $* != *--wrong* ]] || { echo "mha_bench: unknown flag '--wrong'" >&2; exit 2; }
[[ $* != *--l2=rotate* || $* == *--device=cuda* ]] || { echo "mha_bench: needs a GPU" >&2; exit 2; }
echo a_row
END
  rm -f "$work/jobs"
  status=0
  said=$(env -i PATH="$bin:/usr/bin:/bin" MHABENCH_BIN="$work/programs" CDPATH="$work" \
    "$work/submit" "$@" 2>&1 >/dev/null) || status=$?
}

case_a_sweep_may_need_the_gpu_of_its_nodes() {
  ln -s "$copy/scripts/slurm/submit" "$work/submit"
  submit "$work/one" 2 --gpus=1 -- --l2=rotate
  [[ $status == 0 && -z $said ]] || fail "status $status: $said"
  contains "$(<"$work/jobs")" "$copy/scripts/slurm/sweep.sbatch"
  contains "$(<"$work/jobs")" --l2=rotate
  lacks "$(<"$work/jobs")" --device
  submit "$work/two" 2 -- --device cpu --l2=rotate
  [[ $status == 2 && ! -e $work/jobs ]] || fail "status $status: $said"
  contains "$said" "mha_bench: needs a GPU"
  submit "$work/three" 2 -- --wrong
  [[ $status == 2 && ! -e $work/jobs ]] || fail "status $status: $said"
  contains "$said" "unknown flag '--wrong'"
  contains "$said" "mha_bench refuses these flags"
}

# The interpreter of scripts/test as the tools' environment of the copy; without one the case is
# skipped.
have_the_tools() {
  local tools=$copy/build/tools-venv said
  said=$(bash -c "source '$repository/scripts/lib/common.sh'; find_tools 'import numpy, scipy' &&
    echo \"\$tools_python\" && declared_packages \"\$tools_python\"") || {
    echo "skipped: no numpy and scipy, which scripts/test fetches"
    exit 77
  }
  stand_in "$tools/bin/python" <<<"exec '${said%%$'\n'*}' \"\$@\""
  echo "${said#*$'\n'}" >"$tools/.complete"
}

case_good_arguments_go_on_to_set_up() {
  echo "3 1 2" >"$work/mine.txt"
  have_the_tools
  run_script advise --lengths_file "$work/mine.txt" --embed_dim 8 --heads 2
  [[ $status != 0 && -e $work/set-up ]] || fail "status $status: $said"
  rm "$work/set-up"
  # An abbreviation, too: with results at hand nothing is set up.
  cp "$repository/docs/results/h200/script.json.gz" "$work/out.json.gz"
  run_script advise --lengths_file "$work/mine.txt" --embed_dim 512 --heads 8 --fro "$work/out.json.gz"
  [[ ! -e $work/set-up ]] || fail "set-up began"
  contains "$said" "512"
}

case_a_failed_configuration_is_shown() {
  torch "$work/python" 2.11.0
  python "$bin/python3" "$work/python"
  stand_in "$bin/cmake" <<END
[[ "\$*" != *--preset* ]] || { echo 'no compiler'; exit 1; }
exec '$cmake' "\$@"
END
  set_up_with 'set_up_torch; build release mha_bench'
  ((status == 5)) || fail "status $status: $said"
  contains "$said" "no compiler"
  contains "$said" "configuring build/release failed"
}

"case_$name"
