#pragma once

#include <exception>
#include <stdexcept>

#include <c10/util/Exception.h>

#include "bench/console/signals.h"

namespace mhabench::bench {

/// Runs a stage of a row, which is in flight meanwhile. An exception out of a body would end the
/// process, so whatever is thrown goes to `fail(const std::exception&, bool out_of_memory)`.
template <typename Stage, typename Fail>
void attempt_stage(Stage stage, Fail fail) {
  try {
    const RowInFlight in_flight;
    stage();
  } catch (const c10::OutOfMemoryError& error) {
    fail(error, true);
  } catch (const std::exception& error) {
    fail(error, false);
  } catch (...) {
    fail(std::runtime_error("something that is no std::exception was thrown"), false);
  }
}

}  // namespace mhabench::bench
