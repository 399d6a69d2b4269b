#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "mhabench/clocks/kernel_records.h"
#include "mhabench/measure/configuration_cache.h"
#include "mhabench/measure/device_context.h"
#include "mhabench/measure/run_notes.h"

namespace mhabench {

/// What the rows of a run are measured with, one after the other.
class Workbench {
 public:
  Workbench(c10::Device device, std::uint64_t seed, const ClockSettings& settings = {});

  DeviceContext context;
  ConfigurationCache configurations;
  RunNotes notes;

  c10::Device device() const { return context.device(); }

  /// What the configuration's paths share; before a new one a canary is timed if one is due. Throws
  /// c10::Error if memory runs out.
  std::shared_ptr<ConfigurationState> configure(const MhaConfig& config);

  /// After a row that failed: what the next one uses is made anew, and if memory ran out all of it
  /// is given back first. Notes an error that the device does not recover from.
  void recover(bool out_of_memory);
  /// The same among rows that share their state.
  void recover_within_configuration(bool out_of_memory);

  /// Notes a row's trace for the file of kernels, if one was asked for.
  void keep_kernels(const std::string& row_name, const std::vector<CallRecords>& calls);

 private:
  bool keeps_kernels_;
};

/// The first line of an exception's message: behind it LibTorch's errors carry a backtrace.
std::string message_of(const std::exception& error);

}  // namespace mhabench
