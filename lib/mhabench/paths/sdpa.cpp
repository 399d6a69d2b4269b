#include "mhabench/paths/sdpa.h"

#include <ATen/Context.h>

namespace mhabench {
namespace {

void enable(const std::array<bool, 4>& enabled) {
  at::Context& context = at::globalContext();
  context.setSDPUseFlash(enabled[0]);
  context.setSDPUseMemEfficient(enabled[1]);
  context.setSDPUseCuDNN(enabled[2]);
  context.setSDPUseMath(enabled[3]);
}

std::array<bool, 4> enabled_now() {
  const at::Context& context = at::globalContext();
  return {context.userEnabledFlashSDP(), context.userEnabledMemEfficientSDP(),
          context.userEnabledCuDNNSDP(), context.userEnabledMathSDP()};
}

}  // namespace

SdpaPin::SdpaPin(SdpaBackend backend) : before_(enabled_now()) {
  enable({backend == SdpaBackend::flash, backend == SdpaBackend::efficient,
          backend == SdpaBackend::cudnn, backend == SdpaBackend::math});
}

SdpaPin::~SdpaPin() { enable(before_); }

}  // namespace mhabench
