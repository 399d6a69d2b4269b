#include "mhabench/measure/phases.h"

#include <string_view>

#include "mhabench/base/text.h"

namespace mhabench {
namespace {

double to_seconds(PhaseTimes::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// In the order of Phase.
constexpr std::array<std::string_view, 7> kNames{"inputs", "reference",  "check", "warm-up",
                                                 "timing", "host clock", "trace"};

}  // namespace

void PhaseTimes::add(Phase phase, Clock::duration duration) {
  spent_[static_cast<std::size_t>(phase)] += duration;
}

double PhaseTimes::seconds(Phase phase) const {
  return to_seconds(spent_[static_cast<std::size_t>(phase)]);
}

std::string PhaseTimes::line(Clock::duration whole) const {
  std::string text = fixed(to_seconds(whole), 1) + " s in all:";
  double rest = to_seconds(whole);
  for (std::size_t i = 0; i < kPhases; ++i) {
    const double spent = to_seconds(spent_[i]);
    text += ' ' + std::string(kNames[i]) + ' ' + fixed(spent, 1) + ',';
    rest -= spent;
  }
  return text + " the rest " + fixed(rest, 1);
}

}  // namespace mhabench
