#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace mhabench {

/// What a run spends its time on.
enum class Phase { inputs, reference, check, warm_up, timing, host_clock, trace };

/// Adds up the seconds of each phase. The device must be idle where a phase begins and ends, or its
/// work counts for the next one.
class PhaseTimes {
 public:
  using Clock = std::chrono::steady_clock;

  /// Counts for a phase from its construction to its destruction.
  class Scope {
   public:
    Scope(PhaseTimes& times, Phase phase) : times_(times), phase_(phase) {}
    ~Scope() { times_.add(phase_, Clock::now() - start_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    PhaseTimes& times_;
    Phase phase_;
    Clock::time_point start_ = Clock::now();
  };

  void add(Phase phase, Clock::duration duration);
  double seconds(Phase phase) const;

  /// One line: the whole, each phase, and what is left.
  std::string line(Clock::duration whole) const;

 private:
  static constexpr std::size_t kPhases = 7;

  std::array<Clock::duration, kPhases> spent_{};
};

}  // namespace mhabench
