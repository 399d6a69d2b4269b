# Run at each build: writes <out> from <template> with the tree's revision, and only where that
# changes it, so that a build without news compiles nothing.
#
#   cmake -Dsource=... -Dtemplate=... -Dout=... -Dversion=... -P Revision.cmake

cmake_minimum_required(VERSION 3.25)

set(revision "unknown")
find_program(git git)
if(git)
  # Nothing is written to the repository, and one that belongs to somebody else is read as well.
  set(git "${git}" --no-optional-locks -c safe.directory=*)
  # A tree inside another's repository (an unpacked archive, say) has no revision of its own.
  execute_process(
    COMMAND ${git} -C "${source}" rev-parse --show-toplevel
    OUTPUT_VARIABLE top
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(REAL_PATH "${source}" source)
  if(top STREQUAL source)
    execute_process(
      COMMAND ${git} -C "${source}" describe --always --dirty --abbrev=12
      OUTPUT_VARIABLE described
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
      RESULT_VARIABLE failed)
    if(NOT failed AND described)
      set(revision "${described}")
    endif()
  endif()
endif()

configure_file("${template}" "${out}" @ONLY)
