#pragma once

#include <functional>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "mhabench/clocks/host_plan.h"

namespace mhabench {

/// Times calls on a CUDA device's current stream by the host's clock while the GPU is kept busy by
/// a device sleep put before them, so that they have nothing to wait for but the GPU itself, as
/// host_time() says. `most_us` is what a call takes the host at most: its share of a loop of calls,
/// or of the enqueueing of them where that is less. `likely_waits`: a call like it was seen to wait
/// for the GPU. Leaves the device idle. Exceptions of the call pass through; std::logic_error for a
/// device that is no CUDA device.
HostTime time_on_host(c10::Device device, const std::function<at::Tensor()>& call, double most_us,
                      bool likely_waits = false);

}  // namespace mhabench
