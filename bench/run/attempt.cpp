#include "bench/run/attempt.h"

#include <stdexcept>
#include <utility>

#include <c10/util/Exception.h>

#include "bench/console/signals.h"

namespace mhabench::bench {

RowAttempt::RowAttempt(Workbench& workbench, const Path& path, const MhaConfig& config,
                       std::function<void(bool out_of_memory)> recover)
    : workbench_(workbench), path_(path), config_(config), recover_(std::move(recover)) {}

void RowAttempt::start() {
  if (failed_) return;
  measurement_.emplace(workbench_, path_, config_);
  started_over_ = false;
}

void RowAttempt::run(const Stage& stage) {
  if (!goes_on()) return;
  try {
    const RowInFlight in_flight;
    stage(*measurement_);
  } catch (const c10::OutOfMemoryError& error) {
    fail(error, true);
  } catch (const std::exception& error) {
    fail(error, false);
  } catch (...) {
    fail(std::runtime_error("something that is no std::exception was thrown"), false);
  }
}

void RowAttempt::run_or_start_over(const Stage& stage, const Stage& catch_up) {
  run([&](Measurement&) {
    if (finds_memory(stage)) return;
    measurement_.reset();
    measurement_.emplace(workbench_, path_, config_);
    recover_(/*out_of_memory=*/true);
    catch_up(*measurement_);
    stage(*measurement_);
  });
}

// False if memory ran out for the first time.
bool RowAttempt::finds_memory(const Stage& stage) {
  try {
    stage(*measurement_);
    return true;
  } catch (const c10::OutOfMemoryError&) {
    if (std::exchange(started_over_, true)) throw;
    return false;
  }
}

void RowAttempt::fail(const std::exception& error, bool out_of_memory) {
  measurement_->fail(error);
  failed_ = measurement_->row();
  measurement_.reset();  // what it holds makes room for others
  recover_(out_of_memory);
}

}  // namespace mhabench::bench
