#pragma once

#include <array>

#include "mhabench/config/config.h"

namespace mhabench {

/// While it lives, scaled_dot_product_attention has one back end to choose from; where that cannot
/// run a call, the call throws c10::Error. The process's settings return afterwards.
class SdpaPin {
 public:
  explicit SdpaPin(SdpaBackend backend);
  ~SdpaPin();
  SdpaPin(const SdpaPin&) = delete;
  SdpaPin& operator=(const SdpaPin&) = delete;

 private:
  std::array<bool, 4> before_;
};

}  // namespace mhabench
