# The package: headers under include/mhabench, the archive, and what find_package(mhabench) reads.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/mhabench")

install(
  TARGETS mhabench mhabench_data
  EXPORT mhabenchTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  EXPORT mhabenchTargets
  NAMESPACE mhabench::
  DESTINATION "${package_dir}")

configure_package_config_file(
  cmake/mhabenchConfig.cmake.in "${PROJECT_BINARY_DIR}/cmake/mhabenchConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cmake/mhabenchConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/cmake/mhabenchConfig.cmake"
        "${PROJECT_BINARY_DIR}/cmake/mhabenchConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/LocateLibTorch.cmake"
  DESTINATION "${package_dir}")
