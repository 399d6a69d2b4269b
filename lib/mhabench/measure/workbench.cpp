#include "mhabench/measure/workbench.h"

#include <exception>

#include <c10/util/Exception.h>

#include "mhabench/base/text.h"
#include "mhabench/clocks/kernel_lines.h"
#include "mhabench/device/device.h"
#include "mhabench/device/memory.h"

namespace mhabench {

Workbench::Workbench(c10::Device device, std::uint64_t seed, const ClockSettings& settings)
    : context(device, settings),
      configurations(device, seed, context.l2_bytes(), context.scratch()),
      keeps_kernels_(settings.keep_kernels) {}

std::shared_ptr<ConfigurationState> Workbench::configure(const MhaConfig& config) {
  if (!configurations.has(config)) {
    configurations.drop_state();
    if (context.canaries()) context.canaries()->look();
  }
  return configurations.state_of(config, notes.phases);
}

void Workbench::recover(bool out_of_memory) {
  configurations.drop_state();
  if (out_of_memory) configurations.drop_inputs();
  recover_within_configuration(out_of_memory);
}

void Workbench::recover_within_configuration(bool out_of_memory) {
  try {
    notes.lost_device = lasting_error(device());
    if (!notes.lost_device && out_of_memory) {
      context.scratch().release();
      release_kept_memory(device());
    }
  } catch (const std::exception& error) {
    notes.lost_device = message_of(error);
  }
}

void Workbench::keep_kernels(const std::string& row_name, const std::vector<CallRecords>& calls) {
  if (keeps_kernels_) notes.kernel_lines += kernel_line(row_name, calls);
}

std::string message_of(const std::exception& error) {
  const auto* const torch = dynamic_cast<const c10::Error*>(&error);
  return first_line(torch != nullptr ? torch->what_without_backtrace() : error.what());
}

}  // namespace mhabench
