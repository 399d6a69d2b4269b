#include "bench/phases.h"

#include <cstdio>

namespace mhabench::bench {
namespace {

double to_seconds(PhaseTimes::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void PhaseTimes::add(Phase phase, Clock::duration duration) {
  spent_[static_cast<std::size_t>(phase)] += duration;
}

double PhaseTimes::seconds(Phase phase) const {
  return to_seconds(spent_[static_cast<std::size_t>(phase)]);
}

std::string PhaseTimes::line(Clock::duration whole) const {
  double rest = to_seconds(whole);
  for (const Clock::duration spent : spent_) rest -= to_seconds(spent);
  std::array<char, 160> text{};
  std::snprintf(
      text.data(), text.size(),
      "%.1f s in all: inputs %.1f, reference %.1f, poison %.1f, check %.1f, warm-up %.1f, timing "
      "%.1f, rest %.1f",
      to_seconds(whole), seconds(Phase::inputs), seconds(Phase::reference), seconds(Phase::poison),
      seconds(Phase::check), seconds(Phase::warm_up), seconds(Phase::timing), rest);
  return text.data();
}

}  // namespace mhabench::bench
