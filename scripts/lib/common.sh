# Shared by the scripts: messages, set-up, build. Sourced; sets $root, the repository's folder.
# Everything here prints to stderr alone: stdout belongs to the program that is run.
# shellcheck shell=bash

# With it `cd` may go elsewhere, and prints where.
unset CDPATH
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd -P)

# What is fetched where nothing fits. MHABENCH_TORCH names another version, which then is the one to
# take: each has its own environment and builds.
readonly torch_wanted=${MHABENCH_TORCH:-2.11.0}
readonly builds=$root/build${MHABENCH_TORCH:+/torch-$MHABENCH_TORCH}
readonly venv=$builds/venv
readonly cuda_venv=$root/build/cuda-venv

say() { printf 'mhabench: %s\n' "$*" >&2; }

# Status 1 says of rows that they are wrong, or worse. What fails in set-up or a build, whatever its
# own status, ends a script with 5.
set -E
trap 'exit 5' ERR

# For a step that failed, and for what the caller got wrong.
die() {
  say "$@"
  exit 5
}

refuse() {
  say "$@"
  exit 2
}

[[ $torch_wanted =~ ^[0-9]+\.[0-9]+\.[0-9]+$ &&
  $(printf '%s\n' 2.11.0 "$torch_wanted" | sort -V | head -n 1) == 2.11.0 ]] ||
  refuse "MHABENCH_TORCH=$torch_wanted is no version to build on: one of 2.11.0 or newer, as 2.15.0"

# Ends the step that is going on with the shell, so that nothing builds on, and holds the lock, behind
# a script that was killed.
end_with_step() {
  [[ -z $step_group ]] || kill -TERM -- "-$step_group" 2>/dev/null || true
  trap - "$1"
  kill -"$1" $$
}

step_group=
for signal in HUP INT TERM; do
  # shellcheck disable=SC2064  # the signal of now
  trap "end_with_step $signal" "$signal"
done

# as_step <command...>: in a process group of its own, with nothing to read.
as_step() {
  local status=0
  set -m
  "$@" </dev/null &
  step_group=$!
  set +m
  wait "$step_group" || status=$?
  step_group=
  return "$status"
}

# Runs a step's command with its output on stderr; if it fails, says which step it was and what to do.
step() {
  local name=$1 advice=$2
  shift 2
  as_step "$@" >&2 || die "$name failed: $advice"
}

# Two of these at once would build over each other. The shell itself waits: a program that did would
# outlive it.
lock() {
  mkdir -p "$builds"
  exec 9>"$root/build/.lock"
  flock -n 9 || say "waiting for another build in $root"
  until flock -n 9; do
    sleep 1 9>&-
  done
}

unlock() { exec 9>&-; }

# --- packages -----------------------------------------------------------------------------------

# Where CMake will look: the user's prefixes, then the system's.
prefixes() {
  local prefix prefix_list
  IFS=: read -r -a prefix_list <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in ${prefix_list[@]+"${prefix_list[@]}"} /usr/local /usr; do
    [[ -z $prefix ]] || printf '%s\n' "$prefix"
  done
}

has_header() {
  local prefix
  while IFS= read -r prefix; do
    [[ ! -e $prefix/include/$1 ]] || return 0
  done < <(prefixes)
  return 1
}

has_library() {
  local prefix dir
  while IFS= read -r prefix; do
    for dir in lib lib64 "lib/$(uname -m)-linux-gnu"; do
      [[ ! -e $prefix/$dir/lib$1.so && ! -e $prefix/$dir/lib$1.a ]] || return 0
    done
  done < <(prefixes)
  return 1
}

# missing_packages <program|tests>: those of Debian 12 and Ubuntu 24.04 that hold what is missing
# here, one a line.
missing_packages() {
  command -v "${CXX:-c++}" >/dev/null || echo build-essential
  command -v cmake >/dev/null || echo cmake
  command -v ninja >/dev/null || echo ninja-build
  command -v python3 >/dev/null || echo python3
  { has_header benchmark/benchmark.h && has_library benchmark; } || echo libbenchmark-dev
  [[ $1 != tests ]] || { has_header gtest/gtest.h && has_library gtest; } || echo libgtest-dev
  has_header boost/math/distributions/beta.hpp || echo libboost-dev
  has_header CLI/CLI.hpp || echo libcli11-dev
  has_header nlohmann/json.hpp || echo nlohmann-json3-dev
}

# as_root <command...>: false where neither root nor sudo without a password is at hand.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 125
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

# install_packages <package...>: from the lists at hand, and from fresh ones where these do not do.
install_packages() {
  if apt-cache show --no-all-versions "$@" >/dev/null 2>&1 &&
    apt_get install -y --no-install-recommends "$@"; then
    return 0
  fi
  apt_get update && apt_get install -y --no-install-recommends "$@"
}

# Whether LibTorch will need no virtual environment, as far as one can tell without CMake.
has_torch() {
  [[ ! -e $venv/.complete ]] || return 0
  [[ -z ${MHABENCH_TORCH:-} ]] || return 1
  [[ -n ${Torch_DIR:-}${CMAKE_PREFIX_PATH:-} ]] ||
    python3 -c 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)' &>/dev/null
}

set_up_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$1")
  ((${#missing[@]})) || return 0
  # What comes next may need more; better asked for in one go.
  has_torch || venv_python >/dev/null || missing+=(python3-venv)
  get_packages "${missing[@]}"
}

get_packages() {
  local by_hand="sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
  command -v apt-get >/dev/null ||
    die "set-up: missing here, and there is no apt-get (the names are Debian's): $*"
  as_root true || die "set-up: packages are missing and this user may not install them. Run:" \
    "$by_hand"
  say "set-up: installing packages: $*"
  install_packages "$@" || die "set-up: installing packages failed: see above. By hand: $by_hand"
}

check_versions() {
  local version
  version=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*//p') ||
    die "set-up: $(command -v cmake) does not run"
  [[ $(printf '%s\n' 3.25 "$version" | sort -V | head -n 1) == 3.25 ]] ||
    die "set-up: $(command -v cmake) is $version and 3.25 is needed: put a newer one first on PATH"
}

# --- LibTorch and the CUDA Toolkit ---------------------------------------------------------------

# Asks the build which LibTorch and which CUDA Toolkit it would take, into torch_* and cuda_*.
query() {
  local line
  answer=$(cmake -D "root=$root" -D "venv=$venv" -D "exact=${MHABENCH_TORCH:-}" \
    -P "$root/cmake/SetupQuery.cmake") ||
    die "set-up: looking for LibTorch failed: see above"
  torch_dir='' torch_version='' torch_origin='' torch_python='' torch_cuda=''
  torch_rejected='' cuda_root='' cuda_rejected=''
  while IFS= read -r line; do
    case ${line%%=*} in
      torch_dir | torch_version | torch_origin | torch_python | torch_cuda | \
        torch_rejected | cuda_root | cuda_rejected)
        printf -v "${line%%=*}" '%s' "${line#*=}"
        ;;
    esac
  done <<<"$answer"
}

# first_python <program>: the first interpreter that runs it and exits 0.
first_python() {
  local python
  for python in python3 /usr/bin/python3 python3.12 python3.11 python3.13 python3.10; do
    if command -v "$python" >/dev/null && "$python" -c "$1" &>/dev/null; then
      command -v "$python"
      return 0
    fi
  done
  return 1
}

# One that LibTorch's wheel fits and that can make a virtual environment; one that scripts/mhabench
# runs on.
readonly fits_wheel='import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))'
venv_python() { first_python "import ensurepip, venv; $fits_wheel"; }
readonly fits_package='import sys; sys.exit(sys.version_info < (3, 11))'
newer_python() { first_python "$fits_package"; }

free_gb() { df -Pk "$1" | awk 'NR == 2 { print int($4 / 1048576) }'; }

# check_room <GB> <what for>
check_room() {
  local free
  free=$(free_gb "$builds")
  ((free >= $1)) || die "set-up: $2 takes $1 GB under $builds, where $free GB are free"
}

# make_venv <folder> <GB that it takes> <what for> <requirement...>: anew, and complete or not there.
# A file in it, written last, tells one that an interrupted run left behind.
make_venv() {
  local dir=$1 gigabytes=$2 what=$3 python
  shift 3
  python=$(venv_python) || {
    if command -v python3 >/dev/null && ! python3 -c "$fits_wheel"; then
      die "set-up: LibTorch's wheel needs Python 3.10 to 3.14, and python3 is" \
        "$(python3 --version 2>&1): put such a one on PATH, or LibTorch on CMAKE_PREFIX_PATH"
    fi
    get_packages python3-venv
    python=$(venv_python) || die "set-up: no python3 can make a virtual environment"
  }
  check_room "$gigabytes" "$what"
  [[ ! -e $dir ]] || say "set-up: ${dir#"$root"/} is incomplete: making it anew"
  rm -rf "$dir"
  step "set-up: making ${dir#"$root"/}" "see above" "$python" -m venv "$dir"
  # pip unpacks here, not on a disk that nobody spoke of, and keeps copies only if there is room.
  mkdir "$dir/tmp"
  (($(free_gb "${HOME:-/}") >= 2 * gigabytes)) || export PIP_NO_CACHE_DIR=1
  step "set-up: fetching $what" \
    "see above; without network, name what is there in CMAKE_PREFIX_PATH (LibTorch), CUDACXX (nvcc)" \
    env "TMPDIR=$dir/tmp" \
    "$dir/bin/python" -m pip install --no-input --disable-pip-version-check "$@"
  rm -r "$dir/tmp"
  touch "$dir/.complete"
}

is_complete() { [[ -e $1/.complete && -x $1/bin/python ]]; }

# Headers that one path is built with; without them it is skipped. Their package asks for 486 MB
# that headers do not need.
set_up_cudnn_frontend() {
  [[ -n $torch_cuda ]] || return 0
  say "set-up: fetching what packed_cudnn is built with: nvidia-cudnn-frontend"
  "$venv/bin/python" -m pip install --no-input --disable-pip-version-check --no-deps \
    nvidia-cudnn-frontend </dev/null >&2 ||
    say "set-up: no nvidia-cudnn-frontend: the path packed_cudnn will be skipped"
}

set_up_torch() {
  query
  if [[ -z $torch_dir && -n $torch_origin ]]; then
    refuse "set-up: $torch_rejected, and LibTorch $torch_wanted or newer is needed: set $torch_origin to" \
      "one, or unset it"
  fi
  if [[ -n $torch_dir ]] && { [[ $torch_origin != private ]] || is_complete "$venv"; }; then
    return 0
  fi
  say "set-up: no LibTorch here${torch_rejected:+ but $torch_rejected}: fetching $torch_wanted into" \
    "${venv#"$root"/}"
  make_venv "$venv" 9 "LibTorch $torch_wanted" "torch==$torch_wanted"
  query
  [[ -n $torch_dir ]] ||
    die "set-up: LibTorch was fetched into ${venv#"$root"/}, and is not found there"
  set_up_cudnn_frontend
}

# NVIDIA's wheels lack the names that a linker asks for, and the folder that CMake looks into.
complete_toolkit() {
  local dir=$1 library name
  for library in "$dir"/lib/lib*.so.*; do
    name=${library%%.so.*}.so
    [[ -e $name ]] || ln -s "$(basename "$library")" "$name"
  done
  [[ -e $dir/lib64 ]] || ln -s lib "$dir/lib64"
}

set_up_cuda() {
  [[ -n $torch_cuda && -z $cuda_root ]] || return 0
  local major=${torch_cuda%%.*} dir site seen=${cuda_rejected:+ (seen: $cuda_rejected)}
  local by_hand="install CUDA Toolkit $torch_cuda and set CUDACXX to its nvcc"
  [[ $torch_cuda == 1[3-9].* ]] ||
    die "set-up: this LibTorch was built with CUDA $torch_cuda and no such toolkit is here$seen: $by_hand"
  say "set-up: no CUDA Toolkit $torch_cuda here$seen: fetching one (up to 0.5 GB)"
  local -a packages=(
    "cuda-toolkit[nvcc,cudart,nvrtc,cupti,nvtx,cccl,nvml]==$torch_cuda.*"
    "nvidia-cuda-crt==$torch_cuda.*" "nvidia-nvvm==$torch_cuda.*")
  if [[ $torch_origin == private ]]; then
    dir=$venv
    # Torch is named again so that nothing is taken that it does not go with.
    step "set-up: fetching the CUDA Toolkit" "see above; without network, $by_hand" \
      "$dir/bin/python" -m pip install --no-input --disable-pip-version-check \
      "torch==$torch_version" "${packages[@]}"
  else
    dir=$cuda_venv
    make_venv "$dir" 3 "the CUDA Toolkit" "${packages[@]}"
  fi
  for site in "$dir"/lib/python3*/site-packages; do
    complete_toolkit "$site/nvidia/cu$major"
  done
  query
  [[ -n $cuda_root ]] || die "set-up: CUDA Toolkit $torch_cuda was fetched into ${dir#"$root"/}," \
    "and does not work there (${cuda_rejected:-not found}): $by_hand"
}

# --- the Python package ---------------------------------------------------------------------------

# What pyproject.toml declares, once for all scripts and tests; apart from LibTorch's environment, since
# that may be the user's.
readonly tools_venv=$root/build/tools-venv
readonly tools_project=$root/scripts/pyproject.toml

# run_python <interpreter> <command of the package> <argument...>: in the place of this shell.
run_python() {
  local python=$1
  shift
  PYTHONPATH="$root/scripts" PYTHONDONTWRITEBYTECODE=1 exec "$python" -P -m mhabench "$@"
}

# One that the package runs on, except for what needs its dependencies.
need_python() { newer_python || die "no Python 3.11 or newer on PATH"; }

# before_set_up <command of the package> <argument...>: before anything is fetched or built, usage or
# what is wrong with the arguments ends the script. The command goes on by a status that it has for
# nothing else: 64 for its dependencies, 65 for the programs too.
# shellcheck disable=SC2034  # needs_programs is for scripts/advise
before_set_up() {
  local status=0 python
  python=$(need_python)
  (MHABENCH_BEFORE_SET_UP=yes run_python "$python" "$@") || status=$?
  needs_programs=no
  case $status in
    64) ;;
    65) needs_programs=yes ;;
    *) exit "$status" ;;
  esac
}

declared_packages() {
  "$1" -c '
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
print(*project["dependencies"], *project["optional-dependencies"]["test"], sep="\n")' "$tools_project"
}

# find_tools <Python program>: sets tools_python to an interpreter that runs it, which imports what is
# needed; false if there is none.
# shellcheck disable=SC2034  # tools_python is for the scripts
find_tools() {
  if is_complete "$tools_venv" &&
    [[ $(<"$tools_venv/.complete") == "$(declared_packages "$tools_venv/bin/python")" ]]; then
    tools_python=$tools_venv/bin/python
  else
    tools_python=$(first_python "import sys; assert sys.version_info >= (3, 11); $1")
  fi
}

fetch_tools() {
  local log=$root/build/tools-venv.log python
  local -a packages
  python=$(newer_python) || {
    say "set-up: no Python 3.11 or newer on PATH, which the scripts need"
    return 1
  }
  mapfile -t packages < <(declared_packages "$python")
  python=$(first_python "import ensurepip, venv; $fits_package") || {
    get_packages python3-venv
    python=$(first_python "import ensurepip, venv; $fits_package") || {
      say "set-up: no Python 3.11 or newer on PATH can make a virtual environment"
      return 1
    }
  }
  say "set-up: fetching ${packages[*]} (some 90 MB) into build/tools-venv"
  rm -rf "$tools_venv"
  if ! "$python" -m venv "$tools_venv" </dev/null >"$log" 2>&1; then
    say "set-up: $python cannot make a virtual environment: see build/${log##*/}"
    return 1
  fi
  if ! "$tools_venv/bin/python" -m pip install --no-input --disable-pip-version-check --retries 1 \
    --timeout 20 "${packages[@]}" </dev/null >>"$log" 2>&1; then
    say "set-up: fetching the scripts' Python packages failed (no network? see build/${log##*/}): a" \
      "results file can be copied to a machine with one, and read there"
    return 1
  fi
  printf '%s\n' "${packages[@]}" >"$tools_venv/.complete"
}

# set_up_tools <Python program>: as find_tools, and fetches what is missing.
set_up_tools() {
  ! find_tools "$1" || return 0
  lock
  # Another may have fetched them meanwhile, and run on them now.
  find_tools "$1" || { (fetch_tools) && find_tools "$1"; } || exit 5
  unlock
}

# For tests, which are skipped without. Tried once, as set_up_optional.
set_up_tools_optional() {
  local tried=$root/build/.tools-tried
  [[ ! $tried -nt $tools_project ]] || return 0
  find_tools "$test_needs" || (fetch_tools) || say "set-up: tests of the scripts will be skipped"
  touch "$tried"
}

# Some tests need more, and say what.
readonly test_needs='import pytest'

# announce <preset> <processor minutes of its build>: what the first time costs, before it begins.
announce() {
  [[ ! -e $builds/$1/build.ninja ]] || return 0
  local gigabytes=1 minutes=$(($2 / $(job_count) + 1)) fetch="no LibTorch"
  has_torch || {
    gigabytes=9 minutes=$((minutes + 3))
    fetch="3 GB (LibTorch $torch_wanted)"
  }
  say "the first time takes some $minutes minutes, fetches $fetch, and needs $gigabytes GB under" \
    "$builds ($(free_gb "$builds") GB are free there)"
  check_room "$gigabytes" "the first time"
}

# set_up <program|tests>
set_up() {
  set_up_packages "$1"
  check_versions
  set_up_torch
  set_up_cuda
}

# What set-up came to, said once for a build.
say_set_up() {
  local origin=$torch_origin
  [[ $origin != python3 ]] || origin="python3 ($torch_python)"
  [[ $origin != private ]] || origin=${venv#"$root"/}
  [[ -z $torch_rejected ]] || say "set-up: not taken: $torch_rejected"
  say "set-up: LibTorch $torch_version of $origin"
  if [[ -n $torch_cuda ]]; then
    say "set-up: CUDA Toolkit in $cuda_root, for LibTorch's CUDA $torch_cuda"
  else
    say "set-up: this LibTorch has no CUDA: the program will run on the CPU alone"
  fi
}

has_compare_py() { [[ -e /usr/share/benchmark/compare.py ]]; }

# Tools that a test uses and is skipped without. Tried once: the network is not asked at each run.
set_up_optional() {
  local tried=$builds/.optional-tried
  [[ ! -e $tried ]] || return 0
  if ! has_compare_py && command -v apt-get >/dev/null && as_root true; then
    say "set-up: installing what a test compares with: libbenchmark-tools"
    install_packages libbenchmark-tools ||
      say "set-up: libbenchmark-tools is not to be had: the test of compare.py will be skipped"
  fi
  if [[ -n $torch_python ]] && ! "$torch_python" -c 'import numpy, scipy' 2>/dev/null; then
    if [[ $torch_origin == private ]]; then
      say "set-up: installing what compare.py needs: numpy, scipy"
      "$venv/bin/python" -m pip install --no-input --disable-pip-version-check numpy scipy \
        </dev/null >&2 || say "set-up: no numpy and scipy: the test of compare.py will be skipped"
    fi
  fi
  touch "$tried"
}

# --- build ----------------------------------------------------------------------------------------

# One job a processor, as memory allows: a source with LibTorch's headers takes up to 2 GB.
job_count() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 2097152) }' /proc/meminfo)
  if ((memory < 1)); then
    memory=1
  fi
  echo $((processors < memory ? processors : memory))
}

# configure <preset>: if it never was, or set-up came to something else then. A link to a folder is
# that folder.
configure() {
  local preset=$1 dir=$builds/$1 log=$builds/configure-$1.log
  local stamp=$dir/.set-up fresh=() now
  now="$root:$(readlink -m "$torch_dir"):$torch_version:$torch_cuda:$torch_python:$cuda_root"
  if [[ -e $dir/build.ninja && -e $stamp && $(<"$stamp") == "$now" ]]; then
    return 0
  fi
  say_set_up
  [[ ! -e $dir/CMakeCache.txt ]] || fresh=(--fresh)
  say "configuring ${dir#"$root"/}"
  if ! as_step cmake "${fresh[@]}" -S "$root" -B "$dir" --preset "$preset" >"$log" 2>&1; then
    cat "$log" >&2
    die "configuring ${dir#"$root"/} failed: see above (kept in ${log#"$root"/})"
  fi
  printf '%s' "$now" >"$stamp"
}

# build <preset> <target...>: quiet where nothing is to be done.
build() {
  local dir=$builds/$1
  configure "$1"
  export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(job_count)}
  export NINJA_STATUS="mhabench: building ${dir#"$root"/} [%f/%t] "
  as_step run_build "$dir" "${@:2}" >&2 || die "building ${dir#"$root"/} failed: see above"
}

run_build() {
  cmake --build "$1" --target "${@:2}" 2>&1 |
    sed -u -e '/ Looking up the revision$/d' -e '/^ninja: no work to do\.$/d' \
      -e '/^\[[0-9]*\/[0-9]*\] Looking up the revision$/d'
}

# All that a user calls, in $builds/release/bin.
set_up_programs() {
  lock
  announce release 10
  set_up program
  build release all
  unlock
}
