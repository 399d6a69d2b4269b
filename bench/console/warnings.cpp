#include "bench/console/warnings.h"

#include <utility>

#include "mhabench/base/text.h"

namespace mhabench::bench {

TellWarnings::TellWarnings(std::function<void(const std::string&)> tell)
    : tell_(std::move(tell)), previous_(c10::WarningUtils::get_warning_handler()) {
  c10::WarningUtils::set_warning_handler(this);
}

TellWarnings::~TellWarnings() { c10::WarningUtils::set_warning_handler(previous_); }

void TellWarnings::process(const c10::Warning& warning) {
  const std::string text = first_line(warning.msg());
  if (text.find("nested tensors is in prototype stage") != std::string::npos) return;
  tell_("LibTorch warns: " + text);
}

}  // namespace mhabench::bench
