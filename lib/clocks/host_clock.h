#pragma once

#include <functional>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace mhabench {

/// What a call costs the host.
struct HostTime {
  double us = 0;       ///< median, until the call returns
  bool syncs = false;  ///< the call waits for the GPU
};

/// Times a call on a CUDA device's current stream by the host's clock while the GPU is kept busy by
/// a device sleep put before it, so that the call has nothing to wait for but the GPU itself. A
/// call that returns only after the sleep waits for the GPU: its time is taken on an idle stream
/// then, and holds what it waits for of its own work. `event_us` is what a call takes in a loop of
/// them, which the host's share cannot exceed: the sleep is made a little longer than that. Makes
/// three calls, or fewer where they are long. Leaves the device idle. Exceptions of the call pass
/// through; std::logic_error for a device that is no CUDA device.
HostTime time_on_host(c10::Device device, const std::function<at::Tensor()>& call, double event_us);

}  // namespace mhabench
