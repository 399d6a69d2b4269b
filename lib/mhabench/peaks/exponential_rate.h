#pragma once

#include <string>

#include <c10/core/Device.h>

namespace mhabench {

/// PTX of a kernel "exponentials(float* out, unsigned rounds)" that does little else than base-2
/// exponentials on the special-function units: ex2.approx.ftz, one instruction each, in chains that
/// do not wait for one another. The driver compiles it, so that building needs no CUDA compiler.
std::string exponential_ptx();

/// Exponentials a second of the GPU by that kernel, the fastest of a few launches of about 1 ms.
/// Throws std::runtime_error where the driver cannot load or launch it, or the device is no GPU.
double measured_exponential_rate(c10::Device device);

}  // namespace mhabench
