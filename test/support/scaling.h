#pragma once

#include <algorithm>
#include <ctime>
#include <limits>

namespace mhabench::test {

/// Seconds of this process's CPU time that `act` takes, the least of three: another process on the
/// machine adds little to that.
template <typename Act>
double cpu_seconds_of(Act&& act) {
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 3; ++i) {
    const std::clock_t start = std::clock();
    act();
    least = std::min(least, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return least;
}

/// What four times the work may take of the time where the time is linear: more than 4, for larger
/// data miss more caches, and far less than the 16 of a quadratic one.
inline constexpr double kLinearForFourfold = 9;

}  // namespace mhabench::test
